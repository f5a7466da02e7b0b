"""Block Kit in a terminal: each part as something that rich can lay out."""
