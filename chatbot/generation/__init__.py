"""From a context to a reply. Knows models only as scorers."""
