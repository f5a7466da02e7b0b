"""A program of any size: made by a seed, imported, asked and measured (`make bench-scale`)."""
