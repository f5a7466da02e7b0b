"""Scenarios: a partner's books with entries that nobody has imported (how-tiers-work#what-if)."""
