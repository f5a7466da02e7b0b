"""One file per slash command: how its words are read, what is asked, and which view shows the answer."""
