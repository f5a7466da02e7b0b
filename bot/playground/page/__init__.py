"""The local Slack in the browser."""
