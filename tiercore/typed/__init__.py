"""What people type in Slack: checked as a file's row is, stored by the same import, marked with who typed it."""
