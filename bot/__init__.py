"""Wiring: the only place where objects meet."""
