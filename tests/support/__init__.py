"""What several tests share: a served bot, a page, entries, folders of files, servers."""
