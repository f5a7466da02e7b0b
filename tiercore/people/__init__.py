"""Links between Slack users and people, their preferences, holds on figures, and the audit log."""
