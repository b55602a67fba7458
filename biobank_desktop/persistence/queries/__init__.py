"""The read side: frozen rows, paged, straight from the tables."""
