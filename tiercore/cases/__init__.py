"""Cases: figures that the dashboard shows otherwise, from flagged to resolved (how-tiers-work#doesnt-match)."""
