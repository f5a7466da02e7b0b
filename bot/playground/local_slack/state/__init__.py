"""Everything the local Slack remembers."""
