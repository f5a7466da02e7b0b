"""Block Kit for people who read it in a terminal: each part of it as something that rich can lay out."""
