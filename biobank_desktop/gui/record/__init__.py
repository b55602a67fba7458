"""One sample with everything recorded of it."""
