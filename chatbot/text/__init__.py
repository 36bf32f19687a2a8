"""From what people typed to what a model sees, and back."""
