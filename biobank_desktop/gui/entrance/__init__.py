"""Coming in: the first start, signing in, and unlocking."""
