"""From entries to credits to a timeline: what a sale or an agreement earns, and until when."""
