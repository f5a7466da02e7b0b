"""A HubSpot portal on this machine: its CRM API as far as a reader needs it, with limits, faults and a journal."""
