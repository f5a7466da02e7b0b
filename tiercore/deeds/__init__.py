"""What people change through the bot: links, channels, preferences, holds, feedback. Every deed is audited."""
