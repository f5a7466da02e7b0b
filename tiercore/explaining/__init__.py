"""What explains the difference between a figure of ours and the official dashboard's (how-tiers-work#doesnt-match)."""
