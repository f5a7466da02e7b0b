"""The demo's world: its clock, its people, and how each day began."""
