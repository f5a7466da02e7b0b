"""Records of another system, kept as they came until a sync has read all of them (data#hubspot)."""
