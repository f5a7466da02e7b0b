"""A Slack workspace on this machine, with Slack's behaviour and limits. All it knows of the bot is a URL."""
