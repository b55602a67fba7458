"""What all tables share: one metadata, names of constraints, and columns that many of them have."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, MetaData, Uuid

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Number = BigInteger().with_variant(Integer, "sqlite")


def command_column() -> Column[object]:
    """The command that wrote the row last."""
    return Column("command_id", Uuid, ForeignKey("command.id"), nullable=False)


def stream_column() -> Column[int]:
    """The stream of the row's history."""
    return Column("stream_id", Number, ForeignKey("stream.id"), nullable=False, index=True)


def one_of(column: str, *values: str) -> CheckConstraint:
    """The column holds one of these words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def at_least(least: int, column: str) -> CheckConstraint:
    """The column holds nothing, or no less than this."""
    return CheckConstraint(f"{column} IS NULL OR {column} >= {least}", name=column)


def length_is(length: int, column: str) -> CheckConstraint:
    """The column holds so many characters or bytes."""
    return CheckConstraint(f"length({column}) = {length}", name=column)


def holds_bytes(column: str) -> CheckConstraint:
    """SQLite would keep text in a column of bytes as well."""
    condition = f"{column} IS NULL OR typeof({column}) = 'blob'"
    return CheckConstraint(condition, name=f"{column}_bytes").ddl_if(dialect="sqlite")
