"""The Telegram bot: the only importer of telegram."""
