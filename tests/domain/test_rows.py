"""What every module of the domain promises about the values it hands out."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
from typing import Any

import pytest

from biobank_desktop import domain

NAMES = [found.name for found in pkgutil.iter_modules(domain.__path__)]
MODULES = [importlib.import_module(f"{domain.__name__}.{name}") for name in NAMES]
ROWS = [
    row
    for module in MODULES
    for _name, row in inspect.getmembers(module, dataclasses.is_dataclass)
    if inspect.isclass(row) and row.__module__ == module.__name__
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__qualname__)
def test_a_row_cannot_be_changed_after_it_was_made(row: type[Any]) -> None:
    one: Any = object.__new__(row)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(one, dataclasses.fields(row)[0].name, None)
