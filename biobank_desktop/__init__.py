"""Biobank Desktop: sample tracking for the residual material of ALLTogether1."""

__version__ = "0.1.0"
