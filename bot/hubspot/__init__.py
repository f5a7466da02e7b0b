"""HubSpot: reading a portal's records, and keeping the ledger in step with them (data#hubspot)."""
