"""The questions about a partner, one file each: pure functions from facts, balances and rules to a result."""

ALL = 1_000_000  # the limit for a complete list
