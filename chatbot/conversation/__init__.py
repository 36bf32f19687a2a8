"""Who said what: the store of conversations and the manager that talks through it. No torch here."""
