"""Large files read as columns: plain rows many at a time, all others as rows are read (data#large-files)."""
