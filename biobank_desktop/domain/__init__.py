"""The rules of the biobank: standard library only, no input or output, no clock."""
