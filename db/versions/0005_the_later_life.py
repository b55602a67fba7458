"""The fifth schema: the later life of a sample and how it leaves: use, quarantine, release, destruction.

It adds thirteen tables and one empty column of ``sample`` (the tube that something made of a vial came from);
what was consumed counts among what was taken. It changes no row. A released migration never changes. It
imports nothing from the program. SQLite cannot add a named constraint to a table, so there ``sample`` is made
anew, as in the second schema.
"""

import re

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")
JSON = sa.Text().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.Text().with_variant(postgresql.TIMESTAMP(timezone=True), "postgresql")

APPEND_ONLY = ("gap_signature", "erasure", "proof_secret")
KEPT = ("nonconformity", "quarantine", "release", "release_line", "disposal", "disposal_line", "proof_key")


def upgrade():
    connection = op.get_bind()
    _create_tables()
    statements = _on_sqlite(connection) if connection.dialect.name == "sqlite" else _on_postgresql()
    for statement in statements:
        connection.exec_driver_sql(statement)
    later = sa.text("origin_id IS NOT NULL")
    op.create_index(
        "ix_sample_origin_id", "sample", ["origin_id"], sqlite_where=later, postgresql_where=later
    )


# Guards ------------------------------------------------------------------------------------------------
#
# NEW and OLD are the row that is written, ``s`` its sample, ``r`` the receipt of the sample's tube and ``d``
# its donor. In braces stands what the engines write differently.

OF_SAMPLE = """sample s JOIN donor d ON d.id = s.donor_id
          {left}JOIN receipt r ON r.sample_id = coalesce(s.origin_id, s.parent_id, s.id)"""
WITH_TUBE, EVEN_WITHOUT = OF_SAMPLE.format(left=""), OF_SAMPLE.format(left="LEFT ")
PERMITTED = """EXISTS (
          SELECT 1 FROM decision x WHERE x.command_id = NEW.command_id AND x.donor_id = s.donor_id
             AND x.purpose = %s AND x.consent_head = d.consent_head AND x.received_at >= r.received_at
             AND %s
             AND (x.holds_until IS NULL OR x.holds_until > {now}))"""


def _gone(sample):
    return f"EXISTS (SELECT 1 FROM disposition g WHERE g.sample_id = {sample})"


def _held(sample):
    return f"""EXISTS (
          SELECT 1 FROM quarantine q
           WHERE q.sample_id = {sample} AND (q.decision IS NULL OR q.decision = 'destroy'))"""


def _by_another(login):
    return f"EXISTS (SELECT 1 FROM command c WHERE c.id = NEW.command_id AND c.login <> {login})"


CHOSEN = """EXISTS (
          SELECT 1 FROM release n JOIN release_line l ON l.release_no = n.no
           WHERE n.no = NEW.release_no AND n.state = 'open'
             AND l.sample_id = NEW.sample_id AND l.state = 'chosen')"""
EMPTY = """EXISTS (
          SELECT 1 FROM sample s WHERE s.id = NEW.sample_id AND s.state NOT IN ('received', 'filled'))"""
UNRELEASED = f"""EXISTS (
          SELECT 1 FROM {WITH_TUBE}
           WHERE s.id = NEW.sample_id AND r.origin = 'residual' AND r.released_at IS NULL)"""
UNSIGNED = """EXISTS (
          SELECT 1 FROM setting o WHERE o.key = 'restore-gap-unsigned'
             AND (SELECT count(*) FROM gap_signature g WHERE g.archive_sha256 = {archive}) < 2)"""
FOR_NO_USE = """NOT EXISTS (
          SELECT 1 FROM release n, {purposes}
           WHERE n.no = NEW.release_no AND p.value IN ('use-a2g', 'use-other'))"""
NOT_FOR_ALL = f"""EXISTS (
          SELECT 1 FROM release n, {{purposes}}, {EVEN_WITHOUT}
           WHERE n.no = NEW.release_no AND s.id = NEW.sample_id
             AND NOT {PERMITTED % ("p.value", "x.verdict = 'permitted'")})"""
STORING = "(x.verdict = 'permitted' OR (x.purpose = 'store' AND x.verdict = 'provisional'))"
NOT_FOR_USE = f"""EXISTS (
          SELECT 1 FROM {EVEN_WITHOUT}
           WHERE s.id = NEW.sample_id AND NOT {PERMITTED % ("NEW.purpose", STORING)})"""
CONSUMED = """EXISTS (
          SELECT 1 FROM consumption u WHERE u.sample_id = NEW.sample_id AND u.command_id = NEW.command_id)"""
LISTED = """EXISTS (
          SELECT 1 FROM disposal_line l
           WHERE l.sample_id = NEW.sample_id AND l.state = 'done' AND l.command_id = NEW.command_id
             AND ((NEW.kind = 'destroyed' AND l.action = 'destroy')
              OR (NEW.kind = 'returned' AND l.action = 'return')))"""
ISSUED = """EXISTS (
          SELECT 1 FROM disposition g WHERE g.sample_id = NEW.sample_id AND g.release_no = NEW.release_no)"""
OPEN = "EXISTS (SELECT 1 FROM release n WHERE n.no = NEW.release_no AND n.state = 'open')"
WITNESSED = """EXISTS (
          SELECT 1 FROM disposal_line l WHERE l.sample_id = OLD.sample_id AND l.state = 'witnessed')"""
TAKEN_AWAY = """EXISTS (
          SELECT 1 FROM disposition g
           WHERE g.sample_id = NEW.sample_id AND g.kind IN ('destroyed', 'returned'))"""
NOT_DONE = """EXISTS (
          SELECT 1 FROM disposal_line l WHERE l.disposal_no = NEW.no
             AND (l.state = 'open' OR (l.state = 'done' AND l.action <> 'notify')))"""
PLACED = "EXISTS (SELECT 1 FROM placement t WHERE t.item_id = NEW.sample_id)"
ERASED = "EXISTS (SELECT 1 FROM erasure e WHERE e.donor_id = NEW.donor_id)"
AGED = "EXISTS (SELECT 1 FROM donor_age a WHERE a.donor_id = NEW.donor_id)"
LEAVES = "NEW.kind IN ('destroyed', 'returned')"
ISSUES = "NEW.kind = 'issued'"

# What something made later of a vial comes from is the vial's tube.
TUBE_OF_PARENT = """EXISTS (
          SELECT 1 FROM sample p
           WHERE p.id = NEW.parent_id AND coalesce(p.origin_id, p.parent_id, p.id) = NEW.origin_id)"""

# PostgreSQL holds what a rule asks about until the commit; SQLite has one writer at a time. The guards of a
# table ask in the order of their names: what the first one holds is held for the others, too. Whoever ends a
# sample or holds it back holds it against those who store or use it, who hold it against each other only.
SAMPLE = "PERFORM 1 FROM sample WHERE id = NEW.sample_id FOR SHARE;"
OWN_SAMPLE = "PERFORM 1 FROM sample WHERE id = NEW.sample_id FOR NO KEY UPDATE;"
ENDED_SAMPLE = "PERFORM 1 FROM sample WHERE id = OLD.sample_id FOR NO KEY UPDATE;"
DONOR_AND_TUBE = f"PERFORM 1 FROM {WITH_TUBE} WHERE s.id = NEW.sample_id FOR SHARE OF d, r;"
DONOR = "PERFORM 1 FROM donor WHERE id = NEW.donor_id FOR SHARE;"
OWN_DONOR = "PERFORM 1 FROM donor WHERE id = NEW.donor_id FOR NO KEY UPDATE;"
RELEASE = "PERFORM 1 FROM release WHERE no = NEW.release_no FOR SHARE;"
GAP = "PERFORM 1 FROM setting WHERE key = 'restore-gap-unsigned' FOR SHARE;"
DISPOSAL = "PERFORM 1 FROM disposal WHERE no = NEW.disposal_no FOR SHARE;"

DONE_NOW = "(OLD.done_by IS NULL OR OLD.done_by <> NEW.done_by)"

RULES = (
    # the guard, when it asks, of which table, what it refuses, what is said, what PostgreSQL holds meanwhile
    ("placement_gone", ("INSERT", "UPDATE"), "placement", _gone("NEW.item_id"), "sample-gone", ""),
    ("placement_held", ("INSERT", "UPDATE"), "placement", _held("NEW.item_id"), "in-quarantine", ""),
    ("excursion_gone", ("INSERT",), "excursion", _gone("NEW.sample_id"), "sample-gone", SAMPLE),
    ("excursion_held", ("INSERT",), "excursion", _held("NEW.sample_id"), "in-quarantine", ""),
    ("consumption_filled", ("INSERT", "UPDATE"), "consumption", EMPTY, "sample-not-filled", SAMPLE),
    ("consumption_gone", ("INSERT", "UPDATE"), "consumption", _gone("NEW.sample_id"), "sample-gone", ""),
    ("consumption_held", ("INSERT", "UPDATE"), "consumption", _held("NEW.sample_id"), "in-quarantine", ""),
    (
        "consumption_permitted",
        ("INSERT", "UPDATE"),
        "consumption",
        NOT_FOR_USE,
        "no-permitting-decision",
        DONOR_AND_TUBE,
    ),
    (
        "quarantine_opened",
        ("INSERT",),
        "quarantine",
        "NEW.decision IS NOT NULL",
        "decided-before",
        OWN_SAMPLE,
    ),
    ("quarantine_decided", ("UPDATE",), "quarantine", "OLD.decision IS NOT NULL", "decided-before", ""),
    (
        "quarantine_person",
        ("UPDATE",),
        "quarantine",
        _by_another("NEW.decided_by"),
        "not-that-person",
        "",
    ),
    ("disposition_placed", ("INSERT",), "disposition", PLACED, "sample-in-place", ""),
    (
        "disposition_chosen",
        ("INSERT",),
        "disposition",
        f"{ISSUES} AND NOT {CHOSEN}",
        "not-in-release",
        f"{OWN_SAMPLE} {RELEASE}",
    ),
    (
        "disposition_filled",
        ("INSERT",),
        "disposition",
        f"{ISSUES} AND {EMPTY}",
        "sample-not-filled",
        "",
    ),
    (
        "disposition_released",
        ("INSERT",),
        "disposition",
        f"{ISSUES} AND {UNRELEASED}",
        "not-released-by-diagnostics",
        "",
    ),
    (
        "disposition_held",
        ("INSERT",),
        "disposition",
        f"NEW.kind IN ('issued', 'used-up') AND {_held('NEW.sample_id')}",
        "in-quarantine",
        "",
    ),
    (
        "disposition_gap",
        ("INSERT",),
        "disposition",
        f"{ISSUES} AND {UNSIGNED}",
        "restore-gap-unsigned",
        GAP,
    ),
    (
        "disposition_permitted",
        ("INSERT",),
        "disposition",
        f"{ISSUES} AND ({FOR_NO_USE} OR {NOT_FOR_ALL})",
        "no-permitting-decision",
        DONOR_AND_TUBE,
    ),
    (
        "disposition_used",
        ("INSERT",),
        "disposition",
        f"NEW.kind = 'used-up' AND NOT {CONSUMED}",
        "nothing-consumed",
        "",
    ),
    (
        "disposition_listed",
        ("INSERT",),
        "disposition",
        f"{LEAVES} AND NOT {LISTED}",
        "not-on-a-list",
        "",
    ),
    ("disposition_changed", ("UPDATE",), "disposition", "", "append-only", ""),
    (
        "disposition_final",
        ("DELETE",),
        "disposition",
        f"OLD.kind IN ('destroyed', 'returned') AND {WITNESSED}",
        "witnessed-is-final",
        ENDED_SAMPLE,
    ),
    ("release_opened", ("INSERT",), "release", "NEW.state <> 'open'", "release-is-closed", ""),
    ("release_closed", ("UPDATE",), "release", "OLD.state <> 'open'", "release-is-closed", ""),
    (
        "release_line_chosen",
        ("INSERT", "UPDATE"),
        "release_line",
        f"NEW.state = 'chosen' AND NOT {OPEN}",
        "release-is-closed",
        RELEASE,
    ),
    (
        "release_line_issued",
        ("INSERT", "UPDATE"),
        "release_line",
        f"NEW.state = 'issued' AND NOT {ISSUED}",
        "not-issued",
        "",
    ),
    ("release_line_closed", ("UPDATE",), "release_line", "OLD.state = 'issued'", "release-is-closed", ""),
    ("disposal_closed", ("UPDATE",), "disposal", "OLD.state = 'closed'", "list-is-closed", ""),
    (
        "disposal_done",
        ("UPDATE",),
        "disposal",
        f"NEW.state = 'closed' AND {NOT_DONE}",
        "list-not-done",
        "",
    ),
    ("disposal_line_opened", ("INSERT",), "disposal_line", "NEW.state <> 'open'", "line-is-closed", ""),
    (
        "disposal_line_listed",
        ("INSERT", "UPDATE"),
        "disposal_line",
        *(
            "EXISTS (SELECT 1 FROM disposal w WHERE w.no = NEW.disposal_no AND w.state = 'closed')",
            "list-is-closed",
            DISPOSAL,
        ),
    ),
    (
        "disposal_line_closed",
        ("UPDATE",),
        "disposal_line",
        "OLD.state IN ('witnessed', 'dropped')",
        "line-is-closed",
        "",
    ),
    (
        "disposal_line_done_by",
        ("UPDATE",),
        "disposal_line",
        f"{DONE_NOW} AND {_by_another('NEW.done_by')}",
        "not-that-person",
        "",
    ),
    (
        "disposal_line_witness",
        ("UPDATE",),
        "disposal_line",
        _by_another("NEW.witnessed_by"),
        "not-that-person",
        "",
    ),
    (
        "disposal_line_taken",
        ("UPDATE",),
        "disposal_line",
        f"NEW.state = 'witnessed' AND NEW.action <> 'notify' AND NOT {TAKEN_AWAY}",
        "not-taken-away",
        SAMPLE,
    ),
    ("gap_signature_person", ("INSERT",), "gap_signature", _by_another("NEW.login"), "not-that-person", ""),
    ("donor_age_erased", ("INSERT", "UPDATE"), "donor_age", ERASED, "donor-erased", DONOR),
    ("erasure_whole", ("INSERT",), "erasure", AGED, "ages-not-erased", OWN_DONOR),
    (
        "sample_origin",
        ("INSERT", "UPDATE"),
        "sample",
        f"NEW.origin_id IS NOT NULL AND NOT {TUBE_OF_PARENT}",
        "origin-not-its-tube",
        "",
    ),
)
"""Each is a trigger: ``<guard>`` on PostgreSQL, on SQLite ``<guard>_<operation>`` where it asks at two."""

TAKEN = """(SELECT coalesce(sum(c.taken_{0}), 0) FROM sample c WHERE c.parent_id = p.id)
          + (SELECT coalesce(sum(u.{0}), 0) FROM consumption u WHERE u.sample_id = p.id)"""
TAKES = "NEW.taken_ul > 0 OR NEW.taken_cells > 0"
MORE = f"p.volume_ul < {TAKEN.format('ul')} OR p.cells < {TAKEN.format('cells')}"


# SQLite ------------------------------------------------------------------------------------------------


def _on_sqlite(connection):
    """Statements, each read from the catalogue as the ones before have left it."""
    yield from _with_origin(connection)
    for table in APPEND_ONLY:
        yield _sqlite_refuse(table, "UPDATE")
        yield _sqlite_refuse(table, "DELETE")
    for table in KEPT:
        yield _sqlite_refuse(table, "DELETE")
    engine = {
        "now": "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
        # No other function of JSON may stand in a trigger of a file whose schema is not trusted.
        "archive": "(SELECT j.value FROM json_each(o.value) j WHERE j.key = 'archive_sha256')",
        "purposes": "json_each(n.purposes) p",
    }
    for name, operations, table, refused, said, _held_rows in RULES:
        for operation in operations:
            own = f"{name}_{operation.lower()}" if len(operations) > 1 else name
            when = f" WHEN {refused.format(**engine)}" if refused else ""
            yield (
                f"CREATE TRIGGER {own} BEFORE {operation} ON {table}{when}"
                f" BEGIN SELECT RAISE(ABORT, 'biobank:{said}'); END"
            )
    for name in ("insert", "update", "shrink"):
        yield f"DROP TRIGGER sample_amounts_{name}"
    for name, asked, family in (
        ("sample_amounts_insert", f"INSERT ON sample WHEN {TAKES}", "parent_id"),
        (
            "sample_amounts_update",
            f"UPDATE OF taken_ul, taken_cells, parent_id ON sample WHEN {TAKES}",
            "parent_id",
        ),
        ("sample_amounts_shrink", "UPDATE OF volume_ul, cells ON sample", "id"),
        ("consumption_amounts_insert", "INSERT ON consumption", "sample_id"),
        ("consumption_amounts_update", "UPDATE ON consumption", "sample_id"),
    ):
        yield (
            f"CREATE TRIGGER {name} AFTER {asked} BEGIN SELECT RAISE(ABORT, 'biobank:more-than-is-left')"
            f" FROM sample p WHERE p.id = NEW.{family} AND ({MORE}); END"
        )


def _with_origin(connection):
    """The samples with one column more; a trigger that names a table not there would stop the renaming."""
    if connection.exec_driver_sql("PRAGMA foreign_keys").scalar():
        raise RuntimeError("foreign keys must be off while a table is made anew")
    triggers = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY rowid"
    ).fetchall()
    catalogue = "SELECT sql FROM sqlite_schema WHERE type = ? AND tbl_name = 'sample' AND sql IS NOT NULL"
    create = connection.exec_driver_sql(catalogue, ("table",)).scalar_one()
    indexes = connection.exec_driver_sql(catalogue + " ORDER BY name", ("index",)).scalars().all()
    columns, constraints = create[: create.rindex("\n)")].split("\n\tCONSTRAINT", 1)
    columns = re.sub(r'^CREATE TABLE "?sample"? ', "CREATE TABLE new_sample ", columns)
    yield from (f"DROP TRIGGER {name}" for name, _sql in triggers)
    yield (
        f"{columns}\n\torigin_id INTEGER, \n\tCONSTRAINT{constraints}"
        ", \n\tCONSTRAINT fk_sample_origin_id FOREIGN KEY(origin_id) REFERENCES sample (id)\n)"
    )
    yield "INSERT INTO new_sample SELECT *, NULL FROM sample"
    yield "DROP TABLE sample"
    yield "ALTER TABLE new_sample RENAME TO sample"
    yield from indexes
    yield from (sql for _name, sql in triggers)


def _sqlite_refuse(table, operation):
    return (
        f"CREATE TRIGGER {table}_no_{operation.lower()} BEFORE {operation} ON {table}"
        " BEGIN SELECT RAISE(ABORT, 'biobank:append-only'); END"
    )


# PostgreSQL --------------------------------------------------------------------------------------------


def _on_postgresql():
    yield (
        "ALTER TABLE sample ADD COLUMN origin_id BIGINT CONSTRAINT fk_sample_origin_id REFERENCES sample (id)"
    )
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
        "archive": "o.value ->> 'archive_sha256'",
        "purposes": "jsonb_array_elements_text(n.purposes) p(value)",
    }
    for name, operations, table, refused, said, held_rows in RULES:
        yield f"""CREATE FUNCTION biobank_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
        {held_rows}
        IF {refused.format(**engine) or "true"} THEN
          RAISE EXCEPTION 'biobank:{said}';
        END IF;
        RETURN {"OLD" if "DELETE" in operations else "NEW"};
        END $$"""
        yield (
            f"CREATE TRIGGER {name} BEFORE {' OR '.join(operations)} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION biobank_{name}()"
        )
    for name, families in (("amounts", "NEW.parent_id, NEW.id"), ("consumed", "NEW.sample_id")):
        yield f"""CREATE OR REPLACE FUNCTION biobank_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE family bigint;
        BEGIN
          FOREACH family IN ARRAY ARRAY[{families}] LOOP
            PERFORM 1 FROM sample WHERE id = family FOR NO KEY UPDATE;
            IF EXISTS (SELECT 1 FROM sample p WHERE p.id = family AND ({MORE})) THEN
              RAISE EXCEPTION 'biobank:more-than-is-left';
            END IF;
          END LOOP;
          RETURN NULL;
        END $$"""
    yield """CREATE TRIGGER consumption_amounts AFTER INSERT OR UPDATE ON consumption
        FOR EACH ROW EXECUTE FUNCTION biobank_consumed()"""


# Tables ------------------------------------------------------------------------------------------------


def _create_tables():
    op.create_table(
        "gap_signature",
        sa.Column("archive_sha256", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(archive_sha256) = 64", name=op.f("ck_gap_signature_archive_sha256")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_gap_signature_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_gap_signature_stream_id")),
        sa.PrimaryKeyConstraint("archive_sha256", "login", name=op.f("pk_gap_signature")),
    )
    op.create_index(op.f("ix_gap_signature_stream_id"), "gap_signature", ["stream_id"])
    op.create_table(
        "nonconformity",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("cause", JSON, nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('sample', 'lot', 'device', 'alarm', 'person', 'document', 'other')",
            name=op.f("ck_nonconformity_kind"),
        ),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_nonconformity_state")),
        sa.CheckConstraint("no >= 1", name=op.f("ck_nonconformity_no")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_nonconformity_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_nonconformity_stream_id")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_nonconformity")),
    )
    op.create_index(op.f("ix_nonconformity_stream_id"), "nonconformity", ["stream_id"])
    op.create_table(
        "proof_key",
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(public) = 64", name=op.f("ck_proof_key_public")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_proof_key_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_proof_key_stream_id")),
        sa.PrimaryKeyConstraint("public", name=op.f("pk_proof_key")),
    )
    op.create_index(op.f("ix_proof_key_stream_id"), "proof_key", ["stream_id"])
    op.create_table(
        "release",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("institution", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("recipient_kind", sa.Text(), nullable=False),
        sa.Column("bdac", sa.Text(), nullable=False),
        sa.Column("uses", JSON, nullable=False),
        sa.Column("purposes", JSON, nullable=False),
        sa.Column("transport", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("issued_at", MOMENT, nullable=True),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(state = 'issued') = (issued_at IS NOT NULL)", name=op.f("ck_release_issued_at")),
        sa.CheckConstraint(
            "recipient_kind IN ('own-institute', 'academic', 'company')",
            name=op.f("ck_release_recipient_kind"),
        ),
        sa.CheckConstraint("state IN ('open', 'issued', 'cancelled')", name=op.f("ck_release_state")),
        sa.CheckConstraint(
            "transport IN ('by-hand', 'ambient', 'cooled', 'dry-ice', 'dry-shipper')",
            name=op.f("ck_release_transport"),
        ),
        sa.CheckConstraint("length(country) = 2", name=op.f("ck_release_country")),
        sa.CheckConstraint("no >= 1", name=op.f("ck_release_no")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_release_command_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_release_stream_id")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_release")),
    )
    op.create_index(op.f("ix_release_state"), "release", ["state"])
    op.create_index(op.f("ix_release_stream_id"), "release", ["stream_id"])
    op.create_table(
        "proof_secret",
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("private", sa.Text(), nullable=False),
        sa.CheckConstraint("length(private) = 64", name=op.f("ck_proof_secret_private")),
        sa.ForeignKeyConstraint(["public"], ["proof_key.public"], name=op.f("fk_proof_secret_public")),
        sa.PrimaryKeyConstraint("public", name=op.f("pk_proof_secret")),
    )
    op.create_table(
        "disposal",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("donor_id", NUMBER, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_disposal_closed_at")
        ),
        sa.CheckConstraint(
            "reason IN ('withdrawal', 'refused', 'overdue', 'nonconformity', 'expired', 'other')",
            name=op.f("ck_disposal_reason"),
        ),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_disposal_state")),
        sa.CheckConstraint("no >= 1", name=op.f("ck_disposal_no")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_disposal_command_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_disposal_donor_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_disposal_stream_id")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_disposal")),
    )
    op.create_index(op.f("ix_disposal_donor_id"), "disposal", ["donor_id"])
    op.create_index(op.f("ix_disposal_state"), "disposal", ["state"])
    op.create_index(op.f("ix_disposal_stream_id"), "disposal", ["stream_id"])
    op.create_table(
        "erasure",
        sa.Column("donor_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_erasure_command_id")),
        sa.ForeignKeyConstraint(["donor_id"], ["donor.id"], name=op.f("fk_erasure_donor_id")),
        sa.PrimaryKeyConstraint("donor_id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "consumption",
        sa.Column("sample_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("ul", sa.Integer(), nullable=True),
        sa.Column("cells", NUMBER, nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("into_id", NUMBER, nullable=True),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("cells IS NULL OR cells >= 1", name=op.f("ck_consumption_cells")),
        sa.CheckConstraint("no >= 1", name=op.f("ck_consumption_no")),
        sa.CheckConstraint("ul IS NULL OR ul >= 1", name=op.f("ck_consumption_ul")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_consumption_command_id")),
        sa.ForeignKeyConstraint(["into_id"], ["sample.id"], name=op.f("fk_consumption_into_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_consumption_sample_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_consumption_stream_id")),
        sa.PrimaryKeyConstraint("sample_id", "no", name=op.f("pk_consumption")),
    )
    op.create_index(op.f("ix_consumption_stream_id"), "consumption", ["stream_id"])
    op.create_table(
        "disposal_line",
        sa.Column("disposal_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sample_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.Column("witnessed_by", sa.Text(), nullable=True),
        sa.Column("witnessed_at", MOMENT, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(state = 'witnessed') = (witnessed_by IS NOT NULL)", name=op.f("ck_disposal_line_witnessed_by")
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'witnessed')) = (done_by IS NOT NULL)", name=op.f("ck_disposal_line_done_by")
        ),
        sa.CheckConstraint("action IN ('destroy', 'return', 'notify')", name=op.f("ck_disposal_line_action")),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'witnessed', 'dropped')", name=op.f("ck_disposal_line_state")
        ),
        sa.CheckConstraint("(done_by IS NULL) = (done_at IS NULL)", name=op.f("ck_disposal_line_done_at")),
        sa.CheckConstraint(
            "(witnessed_by IS NULL) = (witnessed_at IS NULL)", name=op.f("ck_disposal_line_witnessed_at")
        ),
        sa.CheckConstraint(
            "witnessed_by IS NULL OR witnessed_by <> done_by", name=op.f("ck_disposal_line_two_persons")
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_disposal_line_command_id")),
        sa.ForeignKeyConstraint(["disposal_no"], ["disposal.no"], name=op.f("fk_disposal_line_disposal_no")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_disposal_line_sample_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_disposal_line_stream_id")),
        sa.PrimaryKeyConstraint("disposal_no", "sample_id", name=op.f("pk_disposal_line")),
    )
    op.create_index(op.f("ix_disposal_line_sample_id"), "disposal_line", ["sample_id"])
    op.create_index(op.f("ix_disposal_line_stream_id"), "disposal_line", ["stream_id"])
    op.create_index(
        "uq_disposal_line_open",
        "disposal_line",
        ["sample_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open' OR state = 'done'"),
        postgresql_where=sa.text("state = 'open' OR state = 'done'"),
    )
    op.create_table(
        "disposition",
        sa.Column("sample_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("release_no", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("release_no IS NULL OR kind = 'issued'", name=op.f("ck_disposition_release_no")),
        sa.CheckConstraint(
            "kind IN ('issued', 'used-up', 'destroyed', 'returned', 'lost', 'broken')",
            name=op.f("ck_disposition_kind"),
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_disposition_command_id")),
        sa.ForeignKeyConstraint(["release_no"], ["release.no"], name=op.f("fk_disposition_release_no")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_disposition_sample_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_disposition_stream_id")),
        sa.PrimaryKeyConstraint("sample_id", name=op.f("pk_disposition")),
    )
    op.create_index(op.f("ix_disposition_kind"), "disposition", ["kind"])
    op.create_index(op.f("ix_disposition_release_no"), "disposition", ["release_no"])
    op.create_index(op.f("ix_disposition_stream_id"), "disposition", ["stream_id"])
    op.create_table(
        "excursion",
        sa.Column("sample_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("out_at", MOMENT, nullable=False),
        sa.Column("back_at", MOMENT, nullable=True),
        sa.Column("thawed", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("back_at IS NULL OR back_at >= out_at", name=op.f("ck_excursion_back_at")),
        sa.CheckConstraint("no >= 1", name=op.f("ck_excursion_no")),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_excursion_command_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_excursion_sample_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_excursion_stream_id")),
        sa.PrimaryKeyConstraint("sample_id", "no", name=op.f("pk_excursion")),
    )
    op.create_index(op.f("ix_excursion_stream_id"), "excursion", ["stream_id"])
    op.create_index(
        "uq_excursion_out",
        "excursion",
        ["sample_id"],
        unique=True,
        sqlite_where=sa.text("back_at IS NULL"),
        postgresql_where=sa.text("back_at IS NULL"),
    )
    op.create_table(
        "quarantine",
        sa.Column("nonconformity_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sample_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("decision IN ('accept', 'destroy')", name=op.f("ck_quarantine_decision")),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL)", name=op.f("ck_quarantine_decided_by")
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_quarantine_command_id")),
        sa.ForeignKeyConstraint(
            ["nonconformity_no"], ["nonconformity.no"], name=op.f("fk_quarantine_nonconformity_no")
        ),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_quarantine_sample_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_quarantine_stream_id")),
        sa.PrimaryKeyConstraint("nonconformity_no", "sample_id", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_sample_id"), "quarantine", ["sample_id"])
    op.create_index(op.f("ix_quarantine_stream_id"), "quarantine", ["stream_id"])
    op.create_index(
        "ix_quarantine_waiting",
        "quarantine",
        ["sample_id"],
        sqlite_where=sa.text("decision IS NULL"),
        postgresql_where=sa.text("decision IS NULL"),
    )
    op.create_table(
        "release_line",
        sa.Column("release_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sample_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("stream_id", NUMBER, nullable=False),
        sa.Column("command_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('chosen', 'refused', 'removed', 'issued')", name=op.f("ck_release_line_state")
        ),
        sa.ForeignKeyConstraint(["command_id"], ["command.id"], name=op.f("fk_release_line_command_id")),
        sa.ForeignKeyConstraint(["release_no"], ["release.no"], name=op.f("fk_release_line_release_no")),
        sa.ForeignKeyConstraint(["sample_id"], ["sample.id"], name=op.f("fk_release_line_sample_id")),
        sa.ForeignKeyConstraint(["stream_id"], ["stream.id"], name=op.f("fk_release_line_stream_id")),
        sa.PrimaryKeyConstraint("release_no", "sample_id", name=op.f("pk_release_line")),
    )
    op.create_index(op.f("ix_release_line_sample_id"), "release_line", ["sample_id"])
    op.create_index(op.f("ix_release_line_stream_id"), "release_line", ["stream_id"])
    op.create_index(
        "uq_release_line_chosen",
        "release_line",
        ["sample_id"],
        unique=True,
        sqlite_where=sa.text("state = 'chosen'"),
        postgresql_where=sa.text("state = 'chosen'"),
    )
