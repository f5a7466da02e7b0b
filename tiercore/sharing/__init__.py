"""Sharing an answer in Slack: who there may see it, and the message that is sent once."""
