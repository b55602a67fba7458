"""Search over every sample."""
