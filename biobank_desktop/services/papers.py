"""What a donor's papers say, read from the database: the letter of an age, the chain of consent."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, cast

from biobank_desktop.domain.amounts import format_amount
from biobank_desktop.domain.consent import decide, decide_all
from biobank_desktop.domain.consent_record import counted
from biobank_desktop.domain.consent_words import last_words
from biobank_desktop.domain.dates import LAB_ZONE, local_day
from biobank_desktop.domain.materials import known, material
from biobank_desktop.domain.problems import Problem, Rejected, refuse
from biobank_desktop.domain.thresholds import ahead
from biobank_desktop.language import _, chosen, say_value
from biobank_desktop.papers import texts
from biobank_desktop.papers.chain import (
    ChainLine,
    ChainPage,
    ChainVerdicts,
    ChainVial,
    PurposeVerdict,
)
from biobank_desktop.papers.letter import KeptMaterial, Letter, LetterItem
from biobank_desktop.persistence.queries import containers, forms, lab, samples
from biobank_desktop.persistence.seals import last_seal
from biobank_desktop.services.consent import ConsentForm
from biobank_desktop.services.gate import donor_of, record_of
from biobank_desktop.services.kinds import grid_of
from biobank_desktop.services.lab import set_setting
from biobank_desktop.services.records import donor_record
from biobank_desktop.services.storage import path_text
from biobank_desktop.services.values import value_problems

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from uuid import UUID

    from sqlalchemy import Connection

    from biobank_desktop.domain.consent import Reason, Step
    from biobank_desktop.domain.consent_forms import FormVersion
    from biobank_desktop.domain.consent_record import ConsentLine, ConsentRecord
    from biobank_desktop.domain.consent_rules import ConsentRules
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.papers.letter import Until
    from biobank_desktop.persistence.queries.donors import ConsentLineRow
    from biobank_desktop.persistence.queries.forms import CheckRow
    from biobank_desktop.persistence.queries.samples import SampleRow
    from biobank_desktop.persistence.store import Store

MOST_IN_A_LINE = 90
"""What stands beside the other half of a page, on two lines at most."""
_SILENCE: dict[str, Until] = {"hold": "hold", "destroy": "destroy"}


@dataclass(frozen=True)
class LetterSettings:
    """The lab's own words in letters, from its settings; an empty one is the program's default."""

    lab: str = ""
    place: str = ""
    contact: tuple[str, ...] = ()
    return_to: tuple[str, ...] = ()


def letter_settings(connection: Connection, language: str) -> LetterSettings:
    """The lab's setting ``letters-nl`` or ``letters-en``, with the entries of ``LetterSettings``."""
    kept = lab.setting(connection, f"letters-{language}", {})
    entry = kept if isinstance(kept, dict) else {}

    def line(name: str) -> str:
        value = entry.get(name)
        return value.strip() if isinstance(value, str) else ""

    def lines(name: str) -> tuple[str, ...]:
        value = entry.get(name)
        return tuple(str(one) for one in value if str(one).strip()) if isinstance(value, list) else ()

    return LetterSettings(line("lab"), line("place"), lines("contact"), lines("return_to"))


def set_letter_settings(
    store: Store, actor: Actor, language: str, said: LetterSettings, command_id: UUID | None = None
) -> None:
    """Keep the lab's own words for letters in a language. Raises ``Rejected`` with every problem."""
    entry = asdict(said)
    named = {"lab": said.lab, "place": said.place}
    named |= {f"contact[{no}]": line for no, line in enumerate(said.contact)}
    named |= {f"return_to[{no}]": line for no, line in enumerate(said.return_to)}
    too_long = [
        Problem(name, "text-too-long", {"most": MOST_IN_A_LINE})
        for name, line in named.items()
        if len(line) > MOST_IN_A_LINE
    ]
    refuse([*too_long, *value_problems(entry)])
    set_setting(store, actor, f"letters-{language}", entry, command_id)


def lab_name(connection: Connection, language: str) -> str:
    """The lab as letters and papers name it."""
    return letter_settings(connection, language).lab or texts.words(language, "lab")


def letter_of(
    connection: Connection,
    code: str,
    age: int,
    language: str,
    now: datetime,
    form: FormVersion | None = None,
) -> Letter:
    """The letter of an age to a donor, with the questions of ``form``.

    Without one: of the only registered form for that age and language that may be signed today, else the
    program's own plain questions.

    Raises ``NotFound``, and ``Rejected`` for a donor who died, whose ages are erased, or who does not want to
    be approached any more.
    """
    donor = donor_of(connection, code)
    today = local_day(now)
    consent, book = record_of(connection, donor)
    rules = book.on(today)
    turned = {12: donor.turns_12_on, 16: donor.turns_16_on, 18: donor.turns_18_on}[age]
    lines = counted(consent.lines, today, _latest(consent, now))
    if turned is None:
        raise Rejected(Problem("age", "letter-age-unknown"))
    _require_welcome(consent, lines, rules, now)
    form = form or _form_for(connection, age, language, today)
    policy = rules.ages[age]
    said = letter_settings(connection, language)
    until = _SILENCE.get(policy.policy, "stands")
    return Letter(
        age=age,
        language=language,
        code=donor.code,
        written_on=today,
        lab=said.lab or texts.words(language, "lab"),
        place=said.place or texts.words(language, "place"),
        kept=tuple(_kept(connection, donor.id, language)),
        items=tuple(_items(lines, language, form, turned if age > 12 else None)),
        until=until,
        deadline=None if until == "stands" else turned + timedelta(days=policy.grace_days),
        contact=said.contact,
        return_to=said.return_to,
        form=form.form if form else "",
        form_version=form.version if form else "",
        sibling=donor.role == "sibling-donor",
    )


_AUDIENCES = {12: "12-15", 16: "16-and-over", 18: "adult"}


def _form_for(connection: Connection, age: int, language: str, today: date) -> FormVersion | None:
    wanted = (_AUDIENCES[age], language)
    known = [one for one in forms.versions(connection).values() if (one.audience, one.language) == wanted]
    here = [one for one in known if one.in_force(today)]
    return here[0] if len(here) == 1 else None


def letter_line(letter: Letter) -> ConsentForm:
    """The line that says that a letter went out, for ``record_consent``. It holds no birthday."""
    return ConsentForm(
        donor=letter.code,
        kind="recontact-sent",
        signatory="child" if letter.age == 12 else "self",
        signed_on=letter.written_on,
        received_on=letter.written_on,
        form=letter.form or f"letter {letter.age}",
        form_version=letter.form_version or letter.language,
    )


def _latest(consent: ConsentRecord, moment: datetime) -> datetime:
    return max([moment, *(line.known_at for line in consent.lines)])


def _require_welcome(
    consent: ConsentRecord, lines: tuple[ConsentLine, ...], rules: ConsentRules, now: datetime
) -> None:
    if any(line.kind == "deceased" for line in lines):
        raise Rejected(Problem("donor", "letter-deceased"))
    asking = decide(consent, "recontact", local_day(now), _latest(consent, now), rules)
    if any(reason.code == "withdrawn-no-contact" for reason in asking.reasons):
        raise Rejected(Problem("donor", "letter-not-welcome"))


def _items(
    lines: tuple[ConsentLine, ...], language: str, form: FormVersion | None, own_since: date | None
) -> list[LetterItem]:
    """Every question with what was said to it until now."""
    asked = {item.code: item.wording for item in form.items} if form else {}
    found = []
    for code in asked or texts.names("item"):
        said, ask = asked.get(code, code), asked.get(code, code)
        if texts.has(f"item.{code}"):
            said = texts.words(language, f"item.{code}.said")
            ask = asked.get(code) or texts.words(language, f"item.{code}.ask")
        found.append(LetterItem(code, said, ask, _answered(lines, code, own_since)))
    return found


_OPEN = {"no-objection": "not-answered"}
"""On a letter an item that nobody objected to is what the form shows: left open."""


def _answered(lines: tuple[ConsentLine, ...], item: str, own_since: date | None) -> str:
    """One word for what everybody said: the young person's own since the birthday, else the most careful."""
    words = last_words(lines, item)
    own = words.own
    if own_since is not None and own is not None and own.line.signed_on >= own_since:
        return _OPEN.get(own.answer, own.answer)
    answers = {_OPEN.get(word.answer, word.answer) for word in words if word is not None}
    return next((one for one in ("no", "not-answered", "yes") if one in answers), "not-asked")


def _kept(connection: Connection, donor_id: int, language: str) -> list[KeptMaterial]:
    """The donor's tubes by kind in plain words: filled vials, and tubes nothing was made of."""
    rows = samples.of_donor(connection, donor_id)
    vials = [row for row in rows if row.kind != "tube" and row.state == "filled"]
    parents = {row.parent_id for row in vials}
    here = [*vials, *(row for row in rows if row.state == "received" and row.id not in parents)]
    tubes = {row.id: row for row in rows if row.kind == "tube"}
    kinds: dict[str, list[SampleRow]] = {}
    for row in here:
        kinds.setdefault(_plain(row, language), []).append(row)
    return [KeptMaterial(what, len(some), _since(connection, some, tubes)) for what, some in kinds.items()]


def _plain(row: SampleRow, language: str) -> str:
    """A material in plain words, with what it was made of."""
    source = row.parent_material if row.parent_material in {"BMA", "BLD", "CSF"} else "BLD"
    path = f"material.{row.material}" if texts.has(f"material.{row.material}") else "material.ZZZ"
    return texts.words(language, path, source=texts.words(language, f"material.{source}"))


def _since(connection: Connection, some: Iterable[SampleRow], tubes: Mapping[int, SampleRow]) -> date | None:
    days = []
    for tube in {row.tube_id for row in some} & tubes.keys():
        receipt = samples.receipt(connection, tube)
        moment = tubes[tube].drawn_at or (receipt.received_at if receipt else None)
        if moment is not None:
            days.append(local_day(moment))
    return min(days, default=None)


def chain_of(
    connection: Connection,
    code: str,
    now: datetime,
    on: date | None = None,
    known_on: datetime | None = None,
) -> ChainPage:
    """A donor's chain of consent as of a day, by what was known then; places are those of now.

    Raises ``NotFound``.
    """
    row = donor_of(connection, code)
    found = donor_record(connection, row.id, now)
    consent, book = record_of(connection, row)
    day = on or local_day(now)
    moment = known_on or _latest(consent, now)
    sealed = last_seal(connection)
    rules = book.on(day, moment)
    return ChainPage(
        donor=row.code,
        lab=lab_name(connection, chosen()),
        on=day,
        known_on=min(moment, now),
        printed_at=now,
        uuid=lab.uuid(connection),
        seal_size=sealed.size,
        seal_root=sealed.root.hex(),
        rules=rules.version,
        items=rules.items,
        lines=tuple(_chain_lines(found.lines, found.checks, consent, day, moment)),
        ahead=ahead(consent, rules, day),
        verdicts=tuple(_verdicts(connection, consent, found.samples, rules, day, moment)),
        vials=tuple(_chain_vials(connection, found.samples)),
    )


def end_of(day: date) -> datetime:
    """The last moment of a local day."""
    return datetime.combine(day + timedelta(days=1), time(), LAB_ZONE).astimezone(UTC) - timedelta(
        milliseconds=1
    )


def _chain_lines(
    rows: Iterable[ConsentLineRow],
    checks: Iterable[CheckRow],
    consent: ConsentRecord,
    on: date,
    known_on: datetime,
) -> list[ChainLine]:
    """The lines that were known and signed by then, in the order of signing, struck ones among them."""
    verified = {one.line_no: one.login for one in checks if one.agrees and one.at <= known_on}
    standing = {line.no for line in counted(consent.lines, on, known_on)}
    known_rows = [row for row in rows if row.known_at <= known_on and row.signed_on <= on]
    later = [row for row in rows if row.known_at <= known_on and row.corrects is not None]
    struck = {cast("int", row.corrects): row.no for row in later}
    lines = [
        ChainLine(
            no=row.no,
            kind=row.kind,
            signatory=row.signatory,
            sole_authority=row.sole_authority,
            form=row.form,
            form_version=row.form_version,
            signed_on=row.signed_on,
            received_on=row.received_on,
            known_at=row.known_at,
            login=row.login,
            answers=row.answers,
            level=row.level,
            corrects=row.corrects,
            struck_by=None if row.no in standing else struck.get(row.no),
            note=row.note,
            verified_by=verified.get(row.no),
        )
        for row in known_rows
    ]
    return sorted(lines, key=lambda line: (line.signed_on, line.no))


def _verdicts(
    connection: Connection,
    consent: ConsentRecord,
    rows: Iterable[SampleRow],
    rules: ConsentRules,
    on: date,
    known_on: datetime,
) -> list[ChainVerdicts]:
    """The verdict of every purpose; tubes apart whose day of receipt makes a difference."""
    groups: dict[tuple[PurposeVerdict, ...], list[str]] = {}
    for row in rows:
        if row.kind == "tube":
            receipt = samples.receipt(connection, row.id)
            received = replace(consent, material_received_at=receipt.received_at if receipt else None)
            groups.setdefault(_purposes(received, rules, on, known_on), []).append(row.code)
    if not groups:
        groups = {_purposes(consent, rules, on, known_on): []}
    alone = len(groups) == 1
    return [ChainVerdicts(() if alone else tuple(tubes), verdicts) for verdicts, tubes in groups.items()]


def _purposes(
    consent: ConsentRecord, rules: ConsentRules, on: date, known_on: datetime
) -> tuple[PurposeVerdict, ...]:
    decisions = decide_all(consent, rules.purposes, on, known_on, rules)
    return tuple(PurposeVerdict(one.purpose, one.verdict, sentences(one.reasons)) for one in decisions)


def sentences(grounds: Iterable[Reason | Step]) -> tuple[str, ...]:
    """Reasons of the consent gate, or steps on its way, in words."""
    return tuple(
        _(f"reason.{one.code}").format(**{name: say_value(value) for name, value in one.values.items()})
        for one in grounds
    )


def _chain_vials(connection: Connection, rows: Iterable[SampleRow]) -> list[ChainVial]:
    """The filled vials with their places, by material."""
    filled = [row for row in rows if row.kind != "tube" and row.state == "filled"]
    places = containers.places(connection, [row.id for row in filled])
    boxes = {place.container_id for place in places.values()}
    grids = {row.id: grid_of(row.kind) for row in containers.some(connection, boxes)}
    paths = {box: path_text(connection, box) for box in boxes}
    vials = []
    for row in filled:
        place = places.get(row.id)
        label = grids[place.container_id].label((place.row_no, place.column_no)) if place else ""
        vials.append(
            ChainVial(
                code=row.code,
                material=_(material(row.material).name) if known(row.material) else row.material,
                plain=_plain(row, chosen()),
                time_point=row.time_point,
                amount=format_amount(row.volume_ul, row.cells, "," if chosen() == "nl" else ".", _("cells")),
                box=paths[place.container_id] if place else "",
                position=label,
            )
        )
    return sorted(vials, key=lambda vial: (vial.material, vial.box, vial.code))
