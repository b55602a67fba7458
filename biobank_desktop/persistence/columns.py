"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, DateTime, Dialect, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from biobank_desktop.persistence.canonical import dumps_text, loads, to_moment_text, whole_milliseconds

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine


class Moment(TypeDecorator[datetime]):
    """A moment in UTC with milliseconds: ``timestamptz`` on PostgreSQL, fixed-width text on SQLite."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """``timestamptz`` where there is one."""
        return dialect.type_descriptor(TIMESTAMP(timezone=True) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive moments: they would mean another time on another bench."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return whole_milliseconds(value) if dialect.name == "postgresql" else to_moment_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """An aware moment in UTC."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """A JSON value: ``jsonb`` on PostgreSQL, canonical text on SQLite.

    Not SQLite's own ``JSON``: that name means numeric affinity, and 1.0 would come back as 1.
    """

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """``jsonb`` where there is one."""
        return dialect.type_descriptor(JSONB() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Written canonically; on PostgreSQL the driver does it."""
        return value if dialect.name == "postgresql" else dumps_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """The value as it was."""
        return value if dialect.name == "postgresql" or value is None else loads(value)
