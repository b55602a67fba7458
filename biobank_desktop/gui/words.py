"""How the window says things: amounts, moments, materials, verdicts, and what happened."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from biobank_desktop.domain import codes
from biobank_desktop.domain.amounts import format_amount
from biobank_desktop.domain.dates import LAB_ZONE
from biobank_desktop.domain.materials import known, material
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.timeline import Change, Happening
from biobank_desktop.gui.widgets.verdicts import Shown
from biobank_desktop.language import _, chosen, say_date, say_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from biobank_desktop.domain.consent import Decision, Reason, Step
    from biobank_desktop.persistence.queries.history import Change as FactChange
    from biobank_desktop.persistence.queries.history import EventRow

MEANINGS = {
    "permitted": Meaning.PERMITTED,
    "provisional": Meaning.PROVISIONAL,
    "refused": Meaning.REFUSED,
}
UNKNOWN = "—"
_MOST_NAMES = 4
_NOT_SAID = frozenset(
    {
        "stream_id",
        "command_id",
        "consent_head",
        "sprec_version",
        "protocol",
        "planned_ul",
        "planned_cells",
        "fields",
    }
)


def decimal() -> str:
    """The decimal sign of the chosen language."""
    return "," if chosen() == "nl" else "."


def moment(at: datetime | None) -> str:
    """A moment as 22 Nov 2026 14:05, on the lab's clock."""
    if at is None:
        return _("unknown")
    local = at.astimezone(LAB_ZONE)
    return f"{say_date(local.date())} {local:%H:%M}"


def day(on: date | None) -> str:
    """A day as 22 Nov 2026."""
    return say_date(on) if on is not None else _("unknown")


def ago(at: datetime, now: datetime | None = None) -> str:
    """How long ago, roughly: 3 h, 2 days."""
    minutes = int(((now or datetime.now(UTC)) - at).total_seconds() // 60)
    if minutes < 60:
        return _("{count} min").format(count=max(minutes, 0))
    if minutes < 48 * 60:
        return _("{count} h").format(count=minutes // 60)
    return _("{count} days").format(count=minutes // (24 * 60))


def material_name(code: str, source: str | None = None) -> str:
    """A material's name, with what it was made from: "Mononuclear cells · Bone marrow"."""
    name = _(material(code).name) if known(code) else code
    if source and source != code and known(source):
        return f"{name} · {_(material(source).name)}"
    return name


def amount(volume_ul: int | None, cells: int | None) -> str:
    """An amount with its unit; a dash when nothing was measured."""
    if volume_ul is None and cells is None:
        return UNKNOWN
    return format_amount(volume_ul, cells, decimal(), _("cells"))


def some(names: Sequence[str]) -> str:
    """The first of many names, and how many more there are."""
    shown, more = ", ".join(names[:_MOST_NAMES]), len(names) - _MOST_NAMES
    return _("{names} and {count} more").format(names=shown, count=more) if more > 0 else shown


def some_codes(given: Sequence[str]) -> str:
    """The first of many codes, for the eye."""
    return some([codes.group(code) for code in given])


def state_name(state: str) -> str:
    """A sample's state in a word."""
    return _(f"state.{state}")


def verdict_title(decision: Decision) -> str:
    """A verdict in a word, with its end when waiting has one."""
    until = next((reason.values["until"] for reason in decision.reasons if "until" in reason.values), None)
    if decision.verdict == "provisional" and until is not None:
        return _("Provisional until {day}").format(day=say_value(until))
    return verdict_word(decision)


def verdict_word(decision: Decision) -> str:
    """A verdict in one word."""
    return {
        "permitted": _("Permitted"),
        "provisional": _("Provisional"),
        "refused": _("Refused"),
    }[decision.verdict]


def reason_text(reason: Reason | Step) -> str:
    """A reason or a step of a derivation as a sentence."""
    values = {name: say_value(value) for name, value in reason.values.items()}
    return _(f"reason.{reason.code}").format(**values)


def begun(text: str) -> str:
    """The text with a capital at its beginning; abbreviations stay as they are."""
    return text[:1].upper() + text[1:]


def named(group: str, code: str) -> str:
    """The name of a field or a table; one without a word of its own is shown as it is called."""
    name = _(f"{group}.{code}")
    return begun(code.replace("_", " ")) if name == f"{group}.{code}" else name


def choice_name(value: object) -> str:
    """A recorded choice as it stands by itself: "Patient"."""
    return begun(say_value(value))


def age(turns_12_on: date | None, on: date) -> str:
    """The whole years of a donor on a day; all that is ever shown of a birthday."""
    if turns_12_on is None:
        return _("age unknown")
    return _("{years} y").format(years=12 + full_years(turns_12_on, on))


def full_years(since: date, on: date) -> int:
    """The whole years from one day to another; negative before it."""
    return on.year - since.year - ((on.month, on.day) < (since.month, since.day))


def verdict(decision: Decision) -> Shown:
    """A verdict for its card: meaning, heading, reasons, derivation."""
    reasons = " ".join(reason_text(reason) for reason in decision.reasons)
    if not reasons:
        reasons = _("Everybody whose consent is needed has given it.")
    steps = [
        f"{reason_text(step)} ({_('line {no}').format(no=step.line)})" if step.line else reason_text(step)
        for step in decision.steps
    ]
    return Shown(MEANINGS[decision.verdict], verdict_title(decision), reasons, steps)


def happening(event: EventRow, about: int | None = None) -> Happening:
    """An event as a line of a timeline; ``about`` keeps the changes of one object only."""
    changes = tuple(
        shown
        for change in event.changes
        if about is None or _concerns(change, about)
        for shown in _changes(change)
    )
    return Happening(
        at=event.at,
        what=_(f"event.{event.kind}"),
        who=event.name,
        bench=event.bench,
        changes=changes,
        why=event.why,
        icon=_ICONS.get(event.kind, "history"),
        typed=tuple(map(codes.group, event.typed)),
    )


_ICONS = {
    "tube-received": "intake",
    **dict.fromkeys(("placed", "moved", "swapped", "emptied", "list-loaded", "box-rescanned"), "storage"),
    "placing-undone": "undo",
    "move-undone": "undo",
    "corrected": "edit",
    "consent-recorded": "consent",
    "line-checked": "consent",
    "forms-entered": "consent",
    "form-ended": "consent",
    "rules-entered": "consent",
    "labels-sending": "print",
    "template-saved": "print",
    "template-retired": "print",
    "labels-sent": "print",
    "release-issued": "release",
    "vials-chosen": "release",
    "checked-out": "unlock",
    "use-undone": "undo",
    "used": "drop",
    "disposal-done": "discard",
    "disposal-witnessed": "check",
    "nonconformity-reported": "warning",
    "quarantine-extended": "warning",
    "quarantine-decided": "check",
    "donor-erased": "discard",
}


def _concerns(change: FactChange, about: int) -> bool:
    return about in change.key or any(
        row is not None and about in (row.get("container_id"), row.get("object_id"), row.get("item_id"))
        for row in (change.old, change.new)
    )


def _changes(change: FactChange) -> list[Change]:
    """The columns that differ, in words; of a new row only what a person would ask for."""
    old, new = change.old or {}, change.new or {}
    if change.table == "placement":
        return [Change(named("field", "position"), _place_words(change.old), _place_words(change.new))]
    if change.old is None:
        wanted = _SAID_OF_NEW.get(change.table, ())
        return [Change(named("field", name), "", fact(name, new[name])) for name in wanted if name in new]
    return [
        Change(named("field", name), fact(name, old.get(name)), fact(name, new.get(name)))
        for name in sorted(set(old) | set(new))
        if name not in _NOT_SAID and old.get(name) != new.get(name)
    ]


_SAID_OF_NEW = {
    "sample": ("material", "time_point", "drawn_at", "volume_ul"),
    "receipt": ("received_at", "temperature", "conditions"),
    "step": ("kind", "started_at", "speed_g", "minutes"),
    "consent_line": ("kind", "signatory", "signed_on", "level"),
    "signing": ("authority", "obtained_by"),
    "signing_check": ("agrees", "note"),
    "form_version": ("form", "version", "audience"),
    "rule_set": ("version", "valid_from", "approved_by"),
    "container": ("name", "kind"),
    "relocation": ("out_at",),
    "temperature_change": ("was", "became"),
    "reservation": ("what", "until"),
    "spill": ("since", "why"),
    "outage": ("since", "why"),
    "excursion": ("out_at",),
    "consumption": ("ul", "cells", "purpose", "what"),
    "nonconformity": ("kind", "what", "found_at"),
    "quarantine": ("nonconformity_no",),
    "disposition": ("kind", "release_no", "note"),
    "release": ("study", "recipient", "institution", "country", "bdac"),
    "release_line": ("release_no", "state"),
    "disposal": ("reason", "note"),
    "disposal_line": ("disposal_no", "action", "place"),
    "gap_signature": ("login", "note"),
    "erasure": ("at",),
}


def _place_words(row: dict[str, Any] | None) -> str:
    if not row or "container_id" not in row:
        return ""
    box = codes.group(codes.from_number(row["container_id"]))
    return f"{box} · {row['row_no']}, {row['column_no']}"


def fact(name: str, value: object) -> str:
    """A recorded value in words."""
    if value is None:
        return UNKNOWN
    if name.endswith(("_at", "_on")) or name in {"since", "holds_until", "valid_from", "valid_to"}:
        text = str(value)
        return moment(datetime.fromisoformat(text)) if "T" in text else day(date.fromisoformat(text))
    return _FACTS.get(name, say_value)(value)


def _volume(value: Any) -> str:
    return amount(value, None)


def _cells(value: Any) -> str:
    return amount(None, value)


def _percent(value: Any) -> str:
    return f"{float(value):g} %".replace(".", decimal())


def _code(value: Any) -> str:
    return codes.group(codes.from_number(value))


def _conditions(value: Any) -> str:
    return say_value(value) if value else _("nothing seen")


_FACTS: dict[str, Callable[[Any], str]] = {
    "material": material_name,
    "parent_material": material_name,
    "state": state_name,
    "conditions": _conditions,
    "volume_ul": _volume,
    "planned_ul": _volume,
    "taken_ul": _volume,
    "cells": _cells,
    "planned_cells": _cells,
    "taken_cells": _cells,
    "ul": _volume,
    "viability_percent": _percent,
    "blasts_percent": _percent,
    "donor_id": _code,
    "parent_id": _code,
}
