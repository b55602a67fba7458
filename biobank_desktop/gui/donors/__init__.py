"""Donors: the list, one donor with consent and samples, and the forms."""
