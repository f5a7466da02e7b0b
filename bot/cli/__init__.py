"""The command line: one file per family of commands; main.py is the entry point."""
