"""One file per question about a partner: pure functions from facts, balances and rules to a result."""
