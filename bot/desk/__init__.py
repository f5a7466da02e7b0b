"""A Slack on your desk: the demo's world in a browser."""
