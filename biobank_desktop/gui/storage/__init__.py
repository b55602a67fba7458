"""The tree of containers, the map of a box, placing."""
