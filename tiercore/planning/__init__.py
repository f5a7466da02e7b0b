"""Plans: the cheapest way to a tier by a day (how-tiers-work#plans). Pure: it reads no database and no clock."""
