"""The local Slack's state."""
