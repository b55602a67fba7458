"""The tables, as SQLAlchemy Core; they never leave this package.

Three sorts. *Facts* say what is so; each row names the command that wrote it last (``command_id``) and the
stream of its history (``info["stream"]``: the column that holds it), and ``info["subjects"]`` names the
columns whose objects the row is about. Facts are rebuilt from the events, so only ``Work`` writes them.
*History* says what happened and is append-only. *Private* rows (ages, secrets) stand outside the history
because they must be erasable or secret: ``donor_age``, ``credential`` and ``proof_secret``.

Guards that no table definition can express (append-only, the consent gate, amounts) are triggers:
the migrations in ``db/versions``.
"""

from __future__ import annotations

from biobank_desktop.persistence.tables.base import Number, metadata
from biobank_desktop.persistence.tables.consent import (
    consent_line,
    decision,
    donor,
    donor_age,
    form_version,
    rule_set,
    signing,
    signing_check,
)
from biobank_desktop.persistence.tables.history import (
    command,
    event,
    event_subject,
    log,
    meta,
    seal,
    stream,
    unsealed,
)
from biobank_desktop.persistence.tables.labels import (
    label,
    label_template,
    preprinted,
    printer,
    printer_test,
    setting,
)
from biobank_desktop.persistence.tables.leaving import (
    disposal,
    disposal_line,
    erasure,
    gap_signature,
    proof_key,
    proof_secret,
    release,
    release_line,
)
from biobank_desktop.persistence.tables.objects import alias, code
from biobank_desktop.persistence.tables.people import credential, person
from biobank_desktop.persistence.tables.samples import derivation, receipt, sample, step
from biobank_desktop.persistence.tables.storage import (
    container,
    container_kind,
    outage,
    placement,
    relocation,
    reservation,
    spill,
    temperature_change,
)
from biobank_desktop.persistence.tables.use import (
    consumption,
    disposition,
    excursion,
    nonconformity,
    quarantine,
)

__all__ = [
    "FACTS",
    "HISTORY",
    "Number",
    "alias",
    "code",
    "command",
    "consent_line",
    "consumption",
    "container",
    "container_kind",
    "credential",
    "decision",
    "derivation",
    "disposal",
    "disposal_line",
    "disposition",
    "donor",
    "donor_age",
    "erasure",
    "event",
    "event_subject",
    "excursion",
    "form_version",
    "gap_signature",
    "label",
    "label_template",
    "log",
    "meta",
    "metadata",
    "nonconformity",
    "outage",
    "person",
    "placement",
    "preprinted",
    "printer",
    "printer_test",
    "proof_key",
    "proof_secret",
    "quarantine",
    "receipt",
    "release",
    "release_line",
    "relocation",
    "reservation",
    "rule_set",
    "sample",
    "seal",
    "setting",
    "signing",
    "signing_check",
    "spill",
    "step",
    "stream",
    "temperature_change",
    "unsealed",
]

FACTS = tuple(table for table in metadata.sorted_tables if "stream" in table.info)
HISTORY = (command, event, event_subject, log, seal)
