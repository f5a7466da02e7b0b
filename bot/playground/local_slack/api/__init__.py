"""Slack's Web API: one file per method family."""
