"""The scheduler: digests and alerts that are sent without anyone asking."""
