"""Files that people drop in Slack: previewed, kept for a day, and imported by a click (data#dropped-files)."""
