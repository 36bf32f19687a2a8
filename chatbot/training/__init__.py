"""From pairs to a version of the bot's model."""
