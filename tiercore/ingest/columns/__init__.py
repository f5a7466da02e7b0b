"""Large files read as columns: plain rows by the hundred thousand, every other one as rows are read (data#large-files)."""
