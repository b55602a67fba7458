"""The demonstration lab: a seeded year and a half of a biobank, written by the real services."""

from __future__ import annotations

from biobank_desktop.services.demo.lab import ADMINISTRATOR, PASSWORD, Demo, fill_demo

__all__ = ["ADMINISTRATOR", "PASSWORD", "Demo", "fill_demo"]
