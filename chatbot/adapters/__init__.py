"""What carries turns between people and the manager."""
