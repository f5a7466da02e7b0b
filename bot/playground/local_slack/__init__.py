"""A Slack workspace on this machine, with Slack's behaviour and limits. It knows the bot by its URL alone."""
