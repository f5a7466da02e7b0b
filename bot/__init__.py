"""The edges: Slack, command line, terminal, charts, playground; and the composition root."""
