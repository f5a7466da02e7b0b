"""Deals that aren't closed yet: what people say of them, and asking about those past their day."""
