"""The demo's world: its clock, its people, and snapshots of its days."""
