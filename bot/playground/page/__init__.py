"""The local Slack's page in the browser."""
