"""What several tests share: a served bot, a page, entries, sample folders, database servers."""
