"""The real Slack: requests in; messages, modals and files out."""
