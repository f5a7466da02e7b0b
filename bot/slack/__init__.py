"""Everything that speaks to the real Slack: requests in, messages, windows and files out."""
