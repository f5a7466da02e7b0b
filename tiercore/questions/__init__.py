"""One file per question about a partner: pure functions from facts, balances and rules to a result."""

ALL = 1_000_000  # the limit of a list that is wanted whole
