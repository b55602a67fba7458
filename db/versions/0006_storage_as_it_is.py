"""The sixth schema: what containers may hold, moves, reservations, spilled boxes, devices out of service.

It adds five tables, three empty columns of ``container_kind`` and two of ``container``, and guards. What lies
somewhere may be laid elsewhere without being asked about anew: a row of ``relocation`` says where it lay. It
changes no row. A released migration never changes. It imports nothing from the program.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MOMENT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")

APPEND_ONLY = ("relocation", "temperature_change")
KEPT = ("spill", "outage")

TEMPERATURES = "'ln2', '-80', 'overnight -80', '-20', 'fridge', 'room'"

MAY_LIE_IN = (
    *("room in site", "device in site", "device in room", "shelf in device", "rack in device"),
    *("rack in shelf", "box in device", "box in shelf", "box in rack", "goblet in device", "goblet in rack"),
    *("freezing-container in device", "freezing-container in shelf", "freezing-container in rack"),
    *("sample in box", "sample in goblet", "sample in freezing-container"),
)
"""Each level stands in a higher one only, so nothing can stand in itself, however far around."""


def upgrade():
    connection = op.get_bind()
    _create_tables()
    statements = _on_sqlite() if connection.dialect.name == "sqlite" else _on_postgresql()
    for statement in (*_columns(), *statements):
        connection.exec_driver_sql(statement)


def _columns():
    yield "ALTER TABLE container_kind ADD COLUMN materials TEXT"
    yield "ALTER TABLE container_kind ADD COLUMN takes TEXT"
    yield (
        "ALTER TABLE container_kind ADD COLUMN temperature TEXT"
        f" CONSTRAINT ck_container_kind_temperature CHECK (temperature IN ({TEMPERATURES}))"
    )
    yield "ALTER TABLE container ADD COLUMN own_materials TEXT"
    yield "ALTER TABLE container ADD COLUMN materials TEXT"


# Guards ------------------------------------------------------------------------------------------------
#
# A list of words is a text with a word in each line; none at all allows everything. ``container.materials``
# is what may lie in a container after every rule around it: each container's list lies within that of the one
# it stands in, so what lies in a box is allowed by all of them. In braces stands what the engines write
# differently.


def _lacks(listed, word):
    return f"{{find}}({{line}} || {listed} || {{line}}, {{line}} || {word} || {{line}}) = 0"


def _exceeds(inner, outer):
    each = inner.join(("{each_of}", "{as_value}"))
    return f"({inner} IS NULL OR EXISTS (SELECT 1 FROM {each} WHERE {_lacks(outer, 'j.value')}))"


MOVED = """EXISTS (
          SELECT 1 FROM relocation m WHERE m.item_id = NEW.item_id AND m.command_id = NEW.command_id)"""
HELD = f"""NOT {MOVED} AND EXISTS (
          SELECT 1 FROM quarantine q
           WHERE q.sample_id = NEW.item_id AND (q.decision IS NULL OR q.decision = 'destroy'))"""
NOT_DECIDED = f"""NOT {MOVED} AND EXISTS (
          SELECT 1 FROM sample s JOIN donor d ON d.id = s.donor_id
           WHERE s.id = NEW.item_id AND NOT EXISTS (
            SELECT 1 FROM decision x
             WHERE x.command_id = NEW.command_id AND x.donor_id = s.donor_id AND x.purpose = 'store'
               AND x.verdict <> 'refused' AND x.consent_head = d.consent_head
               AND (x.holds_until IS NULL OR x.holds_until > {{now}})))"""
EMPTY = """EXISTS (
          SELECT 1 FROM sample s WHERE s.id = NEW.item_id AND s.state NOT IN ('received', 'filled'))"""
NOT_LYING_THERE = """NOT EXISTS (
          SELECT 1 FROM placement p
           WHERE p.item_id = NEW.item_id AND p.container_id = NEW.from_id
             AND p.row_no = NEW.from_row AND p.column_no = NEW.from_column)"""
WRONG_LEVEL = f"""EXISTS (
          SELECT 1 FROM container b JOIN container_kind k ON k.name = b.kind
            LEFT JOIN container i ON i.id = NEW.item_id LEFT JOIN container_kind l ON l.name = i.kind
           WHERE b.id = NEW.container_id
             AND coalesce(l.level, 'sample') || ' in ' || k.level
               NOT IN ({", ".join(f"'{pair}'" for pair in MAY_LIE_IN)}))"""
NOT_TAKEN = f"""EXISTS (
          SELECT 1 FROM container b JOIN container_kind k ON k.name = b.kind
            JOIN container i ON i.id = NEW.item_id
           WHERE b.id = NEW.container_id AND {_lacks("k.takes", "i.kind")})"""
NOT_ALLOWED = f"""EXISTS (
          SELECT 1 FROM container b JOIN sample s ON s.id = NEW.item_id
           WHERE b.id = NEW.container_id AND {_lacks("b.materials", "s.material")})"""
NOT_WITHIN = f"""EXISTS (
          SELECT 1 FROM container b JOIN container i ON i.id = NEW.item_id
           WHERE b.id = NEW.container_id AND b.materials IS NOT NULL
             AND {_exceeds("i.materials", "b.materials")})"""
HOLDS_FORBIDDEN = f"""EXISTS (
          SELECT 1 FROM placement p JOIN sample s ON s.id = p.item_id
           WHERE p.container_id = NEW.id AND {_lacks("NEW.materials", "s.material")})"""
HOLDS_FREER = f"""NEW.materials IS NOT NULL AND EXISTS (
          SELECT 1 FROM placement p JOIN container i ON i.id = p.item_id
           WHERE p.container_id = NEW.id AND {_exceeds("i.materials", "NEW.materials")})"""
FREER_THAN_AROUND = f"""EXISTS (
          SELECT 1 FROM placement p JOIN container b ON b.id = p.container_id
           WHERE p.item_id = NEW.id AND b.materials IS NOT NULL
             AND {_exceeds("NEW.materials", "b.materials")})"""
TAKEN_BEFORE = f"""EXISTS (
          SELECT 1 FROM container b JOIN placement p ON p.container_id = b.id
            JOIN container i ON i.id = p.item_id
           WHERE b.kind = NEW.name AND {_lacks("NEW.takes", "i.kind")})"""
LIES_WHERE_FORBIDDEN = f"""EXISTS (
          SELECT 1 FROM placement p JOIN container b ON b.id = p.container_id
           WHERE p.item_id = NEW.id AND {_lacks("b.materials", "NEW.material")})"""

# What PostgreSQL holds until the commit; SQLite has one writer at a time.
PLACED = "PERFORM 1 FROM placement WHERE item_id = NEW.item_id FOR KEY SHARE;"
SAMPLE_AND_BOX = """PERFORM 1 FROM sample WHERE id = NEW.item_id FOR SHARE;
        PERFORM 1 FROM container WHERE id = NEW.container_id FOR SHARE;"""
BOTH = "PERFORM 1 FROM container WHERE id IN (NEW.container_id, NEW.item_id) ORDER BY id FOR SHARE;"
KIND_AROUND = """PERFORM 1 FROM container_kind k JOIN container b ON b.kind = k.name
          WHERE b.id = NEW.container_id FOR SHARE OF k;"""
AROUND = """PERFORM 1 FROM container b JOIN placement p ON p.container_id = b.id
          WHERE p.item_id = NEW.id FOR SHARE OF b;"""
DONOR = """PERFORM 1 FROM donor d JOIN sample s ON s.donor_id = d.id
          WHERE s.id = NEW.item_id FOR SHARE OF d;"""

WRITTEN, CHANGED = ("INSERT", "UPDATE"), ("UPDATE",)
RULES = (
    # the guard, when it asks, of which table, what it refuses, what is said, what PostgreSQL holds meanwhile
    ("relocation_lying", ("INSERT",), "relocation", NOT_LYING_THERE, "not-lying-there", PLACED),
    ("placement_allowed", WRITTEN, "placement", NOT_ALLOWED, "content-not-allowed", SAMPLE_AND_BOX),
    ("placement_filled", WRITTEN, "placement", EMPTY, "sample-not-filled", ""),
    ("placement_gate", WRITTEN, "placement", NOT_DECIDED, "no-permitting-decision", DONOR),
    ("placement_held", WRITTEN, "placement", HELD, "in-quarantine", ""),
    ("placement_level", WRITTEN, "placement", WRONG_LEVEL, "level-not-allowed-there", ""),
    ("placement_taken", WRITTEN, "placement", NOT_TAKEN, "kind-not-allowed-there", KIND_AROUND),
    ("placement_within", WRITTEN, "placement", NOT_WITHIN, "content-not-allowed", BOTH),
    ("container_allowed", CHANGED, "container", HOLDS_FORBIDDEN, "content-not-allowed", ""),
    ("container_around", CHANGED, "container", FREER_THAN_AROUND, "content-not-allowed", AROUND),
    ("container_inside", CHANGED, "container", HOLDS_FREER, "content-not-allowed", ""),
    ("container_fixed", CHANGED, "container", "NEW.kind <> OLD.kind", "kind-is-fixed", ""),
    (
        "container_kind_fixed",
        CHANGED,
        "container_kind",
        "NEW.level <> OLD.level OR NEW.holds <> OLD.holds",
        "kind-is-fixed",
        "",
    ),
    ("container_kind_takes", CHANGED, "container_kind", TAKEN_BEFORE, "kind-not-allowed-there", ""),
    ("sample_allowed", CHANGED, "sample", LIES_WHERE_FORBIDDEN, "content-not-allowed", AROUND),
)
"""Each is a trigger: ``<guard>`` on PostgreSQL, on SQLite ``<guard>_<operation>`` where it asks at two."""

MADE_ANEW = ("placement_gate", "placement_held")
"""Guards that earlier schemas made, and that now let pass what only moves."""


def _on_sqlite():
    for name in MADE_ANEW:
        for operation in WRITTEN:
            yield f"DROP TRIGGER {name}_{operation.lower()}"
    for table in APPEND_ONLY:
        yield _sqlite_refuse(table, "UPDATE")
    for table in (*APPEND_ONLY, *KEPT):
        yield _sqlite_refuse(table, "DELETE")
    engine = {
        "now": "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
        "find": "instr",
        "line": "char(10)",
        "each_of": "json_each('[\"' || replace(",
        "as_value": ", char(10), '\",\"') || '\"]') j",
    }
    for name, operations, table, refused, said, _held_rows in RULES:
        for operation in operations:
            own = f"{name}_{operation.lower()}" if len(operations) > 1 else name
            yield (
                f"CREATE TRIGGER {own} BEFORE {operation} ON {table} WHEN {refused.format(**engine)}"
                f" BEGIN SELECT RAISE(ABORT, 'biobank:{said}'); END"
            )


def _sqlite_refuse(table, operation):
    return (
        f"CREATE TRIGGER {table}_no_{operation.lower()} BEFORE {operation} ON {table}"
        " BEGIN SELECT RAISE(ABORT, 'biobank:append-only'); END"
    )


def _on_postgresql():
    for name in MADE_ANEW:
        yield f"DROP TRIGGER {name} ON placement"
        yield f"DROP FUNCTION biobank_{name}()"
    for table in APPEND_ONLY:
        yield (
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION biobank_refuse()"
        )
    for table in KEPT:
        yield (
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION biobank_refuse()"
        )
    for table in (*APPEND_ONLY, *KEPT):
        yield (
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION biobank_refuse()"
        )
    engine = {
        "now": "clock_timestamp()",
        "find": "strpos",
        "line": "chr(10)",
        "each_of": "unnest(string_to_array(",
        "as_value": ", chr(10))) j(value)",
    }
    for name, operations, table, refused, said, held_rows in RULES:
        yield f"""CREATE FUNCTION biobank_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
        {held_rows}
        IF {refused.format(**engine)} THEN
          RAISE EXCEPTION 'biobank:{said}';
        END IF;
        RETURN NEW;
        END $$"""
        yield (
            f"CREATE TRIGGER {name} BEFORE {' OR '.join(operations)} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION biobank_{name}()"
        )


# Tables ------------------------------------------------------------------------------------------------


def _own(table):
    return (
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f(f"fk_{table}_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f(f"fk_{table}_stream_id")),
    )


def _of_container(table):
    return (
        sa.Column("container_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.CheckConstraint("no >= 1", name=op.f(f"ck_{table}_no")),
        sa.ForeignKeyConstraint(["container_id"], ["container.id"], name=op.f(f"fk_{table}_container_id")),
        sa.PrimaryKeyConstraint("container_id", "no", name=op.f(f"pk_{table}")),
    )


def _create_tables():
    op.create_table(
        "relocation",
        sa.Column("item_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("from_id", NUMBER, nullable=False),
        sa.Column("from_row", sa.Integer(), nullable=False),
        sa.Column("from_column", sa.Integer(), nullable=False),
        sa.Column("out_at", MOMENT, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        *_own("relocation"),
        sa.CheckConstraint("out_at IS NULL OR out_at <= at", name=op.f("ck_relocation_out_at")),
        sa.ForeignKeyConstraint(["from_id"], ["container.id"], name=op.f("fk_relocation_from_id")),
        sa.ForeignKeyConstraint(["item_id"], ["code.id"], name=op.f("fk_relocation_item_id")),
        sa.PrimaryKeyConstraint("item_id", "command_id", name=op.f("pk_relocation")),
    )
    op.create_index(op.f("ix_relocation_stream_id"), "relocation", ["stream_id"])
    op.create_table(
        "temperature_change",
        *_of_container("temperature_change"),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("became", sa.Text(), nullable=False),
        *_own("temperature_change"),
        sa.CheckConstraint(f"was IN ({TEMPERATURES})", name=op.f("ck_temperature_change_was")),
        sa.CheckConstraint(f"became IN ({TEMPERATURES})", name=op.f("ck_temperature_change_became")),
    )
    op.create_index(op.f("ix_temperature_change_stream_id"), "temperature_change", ["stream_id"])
    op.create_table(
        "reservation",
        sa.Column("container_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", sa.Integer(), nullable=False),
        sa.Column("row_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("column_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        *_own("reservation"),
        sa.CheckConstraint(
            "row_no BETWEEN 1 AND rows AND column_no BETWEEN 1 AND columns", name=op.f("ck_reservation_grid")
        ),
        sa.ForeignKeyConstraint(
            ["container_id", "rows", "columns"],
            ["container.id", "container.rows", "container.columns"],
            name="fk_reservation_grid",
        ),
        sa.ForeignKeyConstraint(["login"], ["person.login"], name=op.f("fk_reservation_login")),
        sa.PrimaryKeyConstraint("container_id", "row_no", "column_no", name=op.f("pk_reservation")),
    )
    op.create_index(op.f("ix_reservation_stream_id"), "reservation", ["stream_id"])
    for table in KEPT:
        op.create_table(
            table,
            *_of_container(table),
            sa.Column("since", MOMENT, nullable=False),
            sa.Column("why", sa.Text(), nullable=False),
            sa.Column("ended_at", MOMENT, nullable=True),
            *_own(table),
            sa.CheckConstraint("ended_at IS NULL OR ended_at >= since", name=op.f(f"ck_{table}_ended_at")),
        )
        op.create_index(op.f(f"ix_{table}_stream_id"), table, ["stream_id"])
        op.create_index(
            f"uq_{table}_open",
            table,
            ["container_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
