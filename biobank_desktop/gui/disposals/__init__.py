"""Lists of what is to be destroyed, given back or told, worked off by one person and seen by another."""
