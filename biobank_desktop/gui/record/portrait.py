"""A sample in words: its heading, its facts, its family, its steps and its labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.domain import codes
from biobank_desktop.gui import words
from biobank_desktop.gui.theme import Meaning
from biobank_desktop.gui.widgets.facts import Fact
from biobank_desktop.gui.widgets.family import Relative
from biobank_desktop.language import _, chosen, ngettext, say_value
from biobank_desktop.services.reference import reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from biobank_desktop.gui.record.reading import Seen
    from biobank_desktop.persistence.queries.samples import SampleRow, StepRow
    from biobank_desktop.persistence.queries.standing import ConsumptionRow
    from biobank_desktop.persistence.queries.worklists import LabelRow

_STATE_MEANING = {"refused": Meaning.REFUSED, "void": Meaning.REFUSED, "planned": Meaning.PROVISIONAL}


def time_point(sample: SampleRow) -> str:
    """A time point with its name: "DX · Diagnosis"."""
    point = reference().protocol(sample.protocol).time_point(sample.time_point)
    return f"{sample.time_point} · {point.label}" if point else sample.time_point


def container(code: str) -> str:
    """A SPREC container in words."""
    word = reference().sprec.container(code)
    return code if word is None else word.nl if chosen() == "nl" else word.en


def state(seen: Seen) -> tuple[str, Meaning]:
    """The state of the sample in a word and its meaning: how it ended, stored, or what it waits for."""
    sample, ended = seen.sample, seen.record.standing.ended
    if ended is not None:
        return say_value(ended), Meaning.MISSING
    if seen.stored:
        return _("stored"), Meaning.STORED
    if sample.state == "filled":
        return _("without position"), Meaning.MISSING
    return words.state_name(sample.state), _STATE_MEANING.get(sample.state, Meaning.STORED)


def standing(seen: Seen) -> list[tuple[str, Meaning]]:
    """What must be known before anybody touches it: when it ended, that it is out, held back, spoken for."""
    now = seen.record.standing
    told: list[tuple[str, Meaning]] = []
    if now.ended_at is not None:
        when = words.moment(now.ended_at)
        text = _("since {when}").format(when=when)
        if now.issued_in is not None:
            text = _("in release {no} since {when}").format(no=now.issued_in, when=when)
        told.append((text, Meaning.MISSING))
    if now.out_at is not None:
        text = _("out of the cold since {when}").format(when=words.moment(now.out_at))
        told.append((text, Meaning.PROVISIONAL))
    if now.nonconformity is not None:
        text = _("in quarantine, nonconformity {no}").format(no=now.nonconformity)
        told.append((text, Meaning.REFUSED))
    if now.release is not None:
        told.append((_("chosen for release {no}").format(no=now.release), Meaning.PROVISIONAL))
    if now.disposal is not None:
        told.append((_("on list {no}").format(no=now.disposal), Meaning.REFUSED))
    return told


def subtitle(seen: Seen) -> str:
    """What it is, in one line."""
    sample = seen.sample
    parts = [words.material_name(sample.material, sample.parent_material), _number(seen, sample)]
    return " · ".join(part for part in (*parts, time_point(sample)) if part)


def _number(seen: Seen, sample: SampleRow) -> str:
    if sample.number is None:
        return ""
    of = sum(one.material == sample.material and one.state != "void" for one in seen.record.vials)
    return f"{sample.number}/{max(of, sample.number)}"


def facts(seen: Seen) -> list[Fact]:
    """Everything recorded, in the order it is asked for."""
    sample, record = seen.sample, seen.record
    found = [
        Fact(_("Drawn"), words.moment(sample.drawn_at)),
        Fact(
            _("Received"),
            words.moment(record.receipt.received_at),
            f"{seen.names.get(record.receipt.login, record.receipt.login)} · {record.receipt.bench}",
        ),
        Fact(_("Primary container"), container(sample.container), sample.container),
        *_amounts(seen),
    ]
    found += _of_receipt(seen) if sample.kind == "tube" else _of_vial(sample)
    found += _out_of_the_cold(seen)
    numbers = [value for issuer, value in record.lab_numbers]
    if numbers:
        label = _("Diagnostic code") if sample.kind == "tube" else _("Maker’s code")
        found.append(Fact(label, ", ".join(numbers), mono=True))
    if sample.note:
        found.append(Fact(_("Note"), sample.note))
    return found


def _amounts(seen: Seen) -> Iterator[Fact]:
    sample = seen.sample
    if sample.state == "planned":
        yield Fact(_("Planned"), words.amount(sample.planned_ul, sample.planned_cells))
        return
    yield Fact(_("Amount"), words.amount(sample.volume_ul, sample.cells), _left(seen))
    if sample.cells is not None and sample.volume_ul is not None:
        yield Fact(_("Volume"), words.amount(sample.volume_ul, None))
    for label, percent in (
        (_("Viability"), sample.viability_percent),
        (_("Blasts"), sample.blasts_percent),
    ):
        if percent is not None:
            yield Fact(label, f"{percent:g} %".replace(".", words.decimal()))


def _left(seen: Seen) -> str:
    """What is left once something was taken, in what it is measured in."""
    sample, record = seen.sample, seen.record
    if (record.left_ul, record.left_cells) == (sample.volume_ul, sample.cells):
        return ""
    cells = record.left_cells if record.left_cells != sample.cells else None
    return _("{amount} left").format(amount=words.amount(record.left_ul, cells))


def _out_of_the_cold(seen: Seen) -> Iterator[Fact]:
    times = seen.record.excursions
    if times:
        thawed = sum(one.thawed for one in times)
        yield Fact(
            _("Out of the cold"),
            ngettext("{count} time", "{count} times", len(times)),
            ngettext("{count} thawing", "{count} thawings", thawed) if thawed else _("never thawed"),
        )


def use_line(use: ConsumptionRow, names: dict[str, str]) -> tuple[str, str]:
    """A use: what for and how much; for which purpose, when and by whom."""
    amount = words.amount(use.ul, use.cells)
    parts = [say_value(use.purpose), words.moment(use.at), names.get(use.login, use.login)]
    return f"{use.what} · {amount}", " · ".join(parts)


def _of_vial(sample: SampleRow) -> Iterator[Fact]:
    if sample.filled_at is not None:
        yield Fact(_("Filled"), words.moment(sample.filled_at))
    if sample.medium:
        yield Fact(_("Medium"), sample.medium)
    if sample.sprec:
        version = f"SPREC {sample.sprec_version}" if sample.sprec_version else ""
        yield Fact("SPREC", sample.sprec, version, mono=True)


def _of_receipt(seen: Seen) -> Iterator[Fact]:
    receipt = seen.record.receipt
    found = ", ".join(say_value(one) for one in receipt.conditions) or _("nothing seen")
    yield Fact(_("On arrival"), say_value(receipt.temperature), found)
    yield Fact(_("Inspection"), say_value(receipt.acceptance))
    released = _("not released by diagnostics yet")
    if receipt.released_at is not None:
        when = words.moment(receipt.released_at)
        released = _("released {when} by {who}").format(when=when, who=receipt.released_by or "")
    yield Fact(_("Origin"), say_value(receipt.origin), released)
    if receipt.pull_number is not None:
        yield Fact(_("Pull"), str(receipt.pull_number))


def family(seen: Seen) -> Relative:
    """The tube and its vials."""
    tube = seen.record.tube
    return Relative(
        tube.code,
        f"{words.material_name(tube.material)} · {words.amount(tube.volume_ul, None)}",
        _state_of(seen, tube),
        tuple(_relative(seen, vial) for vial in seen.record.vials),
        _STATE_MEANING.get(tube.state),
        "tube",
    )


def _state_of(seen: Seen, tube: SampleRow) -> str:
    ended = seen.record.standings[tube.id].ended
    return words.state_name(tube.state) if ended is None else say_value(ended)


def _relative(seen: Seen, vial: SampleRow) -> Relative:
    made = words.amount(vial.volume_ul, vial.cells)
    planned = words.amount(vial.planned_ul, vial.planned_cells)
    title = f"{words.material_name(vial.material)} {_number(seen, vial)}"
    amount = planned if vial.state == "planned" else made
    place, standing_of = seen.places.get(vial.id), seen.record.standings[vial.id]
    if standing_of.ended is not None:
        state_text, meaning = say_value(standing_of.ended), Meaning.MISSING
    elif place is not None and standing_of.out_at is not None:
        state_text, meaning = _("{place}, out").format(place=place), Meaning.PROVISIONAL
    elif place is not None:
        state_text, meaning = place, Meaning.STORED
    elif vial.state == "filled":
        state_text, meaning = _("without position"), Meaning.MISSING
    else:
        state_text, meaning = words.state_name(vial.state), _STATE_MEANING.get(vial.state, Meaning.STORED)
    return Relative(vial.code, f"{title} · {amount}", state_text, (), meaning)


def step_line(step: StepRow) -> tuple[str, str]:
    """A processing step: what, and how and when."""
    how = [
        f"{step.speed_g} g" if step.speed_g else "",
        _("{count} min").format(count=step.minutes) if step.minutes else "",
        say_value(step.temperature) if step.temperature and step.temperature != "unknown" else "",
        step.device or "",
        step.lot or "",
        words.moment(step.started_at),
        "" if step.ended_at else _("still running"),
    ]
    return _(f"step.{step.kind}"), " · ".join(part for part in how if part)


def label_line(label: LabelRow) -> tuple[str, str]:
    """A label: what became of it, and where, when and why."""
    when = label.verified_at or label.sent_at or label.requested_at
    parts = [_(f"label-reason.{label.reason}"), words.moment(when), label.printer or "", label.login]
    return f"{label.no}. {_(f'label.{label.state}')}", " · ".join(part for part in parts if part)


def donor_text(seen: Seen) -> str:
    """The donor's code, grouped."""
    return codes.group(seen.record.donor.code)
