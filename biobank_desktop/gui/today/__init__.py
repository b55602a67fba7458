"""What waits to be done."""
