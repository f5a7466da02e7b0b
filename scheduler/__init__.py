"""Clockwork: what the bot does by itself, by APScheduler as a ticker."""
