"""What leaves the lab for a study: chosen, decided about, issued."""
