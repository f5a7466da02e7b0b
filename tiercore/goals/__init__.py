"""Goals: a plan that a partner has kept, one at a time (how-tiers-work#goals)."""
