"""From entries to credits and a timeline: what sales and agreements earn, and for how long."""
