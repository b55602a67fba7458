"""What went wrong, what it may have touched, and what becomes of it."""
