"""Who is who in Slack and what they asked for: links, preferences, holds on figures, the audit."""
