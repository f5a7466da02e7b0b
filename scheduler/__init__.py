"""Clockwork: what happens by itself, without anyone asking."""
