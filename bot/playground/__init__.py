"""The playground: a local Slack with sample data, in the browser and the terminal. Only the command line imports it."""
