"""From logs to pairs: readers, pairing, filters and the split. No torch here."""
