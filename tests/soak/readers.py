"""Everything that reads what others wrote, as one table: bytes in; a refusal or a right result out."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
import sys
import time
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel.messages import pofile

from biobank_desktop.cli import forms
from biobank_desktop.cli.arguments import parse as parse_arguments
from biobank_desktop.cli.contract import UsageError
from biobank_desktop.domain import amounts, codes, grids, scans
from biobank_desktop.domain.dates import LAB_ZONE
from biobank_desktop.domain.filling import FillForm
from biobank_desktop.domain.intake import ABSENT, DonorForm, ReceiptForm
from biobank_desktop.domain.problems import IntegrityBroken, Problem, Rejected, Unavailable
from biobank_desktop.gui.drafts import Drafts
from biobank_desktop.gui.widgets.dates import parse_day
from biobank_desktop.gui.widgets.moments import parse_moment
from biobank_desktop.labels.reading import read_template
from biobank_desktop.language import say_value, shown
from biobank_desktop.persistence.engine import database_url
from biobank_desktop.persistence.erasures import REGISTER, erased_donors
from biobank_desktop.persistence.journal import Journal
from biobank_desktop.persistence.pins import Pins
from biobank_desktop.resources import folder
from biobank_desktop.services.consent import ConsentForm
from biobank_desktop.services.reference import read_consent_rules, read_protocol, read_sprec_tables
from biobank_desktop.services.storage import ContainerForm
from biobank_desktop.services.values import value_problems
from biobank_desktop.settings import Settings, read_settings
from tests.soak.servers import workplace

if TYPE_CHECKING:
    from collections.abc import Callable

    from biobank_desktop.domain.protocols import Protocol
    from biobank_desktop.labels.templates import Template

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 11, 22)
SLOW_SECONDS = 5.0
"""Nothing that is read may keep the window this long, on a machine that others share."""
HOSPITAL = scans.ForeignPattern("diagnostic laboratory", r"HX\d{8}")
FORMS: tuple[type[Any], ...] = (ReceiptForm, DonorForm, ConsentForm, FillForm, ContainerForm)
FOLDER = "BIOBANK_SOAK_FOLDER"
"""Where a process that ends without a word leaves its files: its parent's folder."""


@dataclass(frozen=True)
class Reader:
    """Something that reads. ``wrong`` says what is wrong with a result, "" when it is right."""

    name: str
    read: Callable[[bytes], Any]
    wrong: Callable[[bytes, Any], str]
    seeds: tuple[bytes, ...] = ()


def judge(reader: Reader, content: bytes) -> str:
    """What is wrong with how this was read, "" when nothing is."""
    began = time.monotonic()
    try:
        result = reader.read(content)
    except (Rejected, Unavailable, IntegrityBroken, UsageError) as refused:
        said = refused.problems if isinstance(refused, Rejected) else (refused.problem,)
        found = next(filter(None, map(_sentence, said)), "" if said else "refused without a problem")
    except Exception as error:  # every other error is what is looked for
        found = f"{type(error).__name__} {_place(error)}"
    else:
        found = _wrong(reader, content, result)
    took = time.monotonic() - began
    return found or (f"took {took:.0f} s" if took > SLOW_SECONDS else "")


def _wrong(reader: Reader, content: bytes, result: Any) -> str:
    try:
        return reader.wrong(content, result)
    except Exception as error:  # what was taken once is refused the second time
        return f"does not read back: {type(error).__name__} {_place(error)}"


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    place = ""
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "biobank_desktop" in file.parts or "tests" in file.parts:
            place = f"in {file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{place}: {str(error)[:80]!a}"


@cache
def _sentences(language: str) -> dict[str, str]:
    with (ROOT / "resources/locale" / language / "LC_MESSAGES/biobank.po").open("rb") as stream:
        return {str(message.id): str(message.string) for message in pofile.read_po(stream)}


def _sentence(problem: Problem) -> str:
    """What is wrong with what a person is told of a problem."""
    values = {name: say_value(value) for name, value in problem.values.items()}
    for language in ("en", "nl"):
        sentence = _sentences(language).get(f"problem.{problem.code}")
        if not sentence:
            return f"{problem.code} has no sentence"
        try:
            told = sentence.format(**values)
        except (LookupError, ValueError) as error:
            return f"{problem.code} cannot be said: {error!r}"
        if shown(told) != told:
            return f"{problem.code} says what may not be shown: {ascii(told)[:80]}"
    return ""


# Files


@cache
def place() -> Path:
    """The folder in which this process tries files."""
    given = os.environ.get(FOLDER)
    made = Path(given) if given else workplace()
    (made / "state").mkdir(exist_ok=True)
    return made


def _file(name: str, content: bytes) -> Path:
    path = place() / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return path


def text_of(content: bytes) -> str:
    """Bytes as a text of any sort: what is no UTF-8 becomes half characters."""
    return content.decode("utf-8", "surrogateescape")


# Forms


def _object(content: bytes) -> dict[str, object]:
    stdin, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(content))
    try:
        return forms.read_input("-")
    finally:
        sys.stdin = stdin


def _object_wrong(_content: bytes, result: dict[str, object]) -> str:
    return "" if _same(_object(json.dumps(result).encode()), result) else "does not read back as it was"


def _same(one: object, other: object) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _form_reader(form: type[Any]) -> Callable[[bytes], Any]:
    def read(content: bytes) -> Any:
        made = forms.form_of(form, _object(content))
        problems = value_problems({name: value for name, value in vars(made).items() if value is not ABSENT})
        if problems:
            raise Rejected(*problems)
        return made

    return read


def _form_wrong(_content: bytes, made: Any) -> str:
    given = {name: value for name, value in vars(made).items() if value is not ABSENT}
    again = forms.form_of(type(made), json.loads(json.dumps(given, default=_exported)))
    if again != made:
        return f"does not read back as it was: {made!a:.200}"
    return next(filter(None, (text_wrong(name, text) for name, text in _texts("", given))), "")


def _exported(value: Any) -> Any:
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value.isoformat()  # type: ignore[arg-type]


def _texts(field: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(field, value)]
    if dataclasses.is_dataclass(value):
        value = vars(value)
    if isinstance(value, dict):
        return [found for name, one in value.items() for found in _texts(name, one) + _texts(field, name)]
    if isinstance(value, (list, tuple)):
        return [found for one in value for found in _texts(field, one)]
    return []


def text_wrong(field: str, text: str) -> str:
    """What no text that was taken may hold, said otherwise than the program says it."""
    for character in text:
        kind = unicodedata.category(character)
        if kind == "Cs" or (kind == "Cc" and character not in "\n\t"):
            return f"{field} took {ascii(text)[:80]}"
        if unicodedata.bidirectional(character) in {
            "RLO",
            "LRO",
            "RLE",
            "LRE",
            "RLI",
            "LRI",
            "FSI",
            "PDF",
            "PDI",
        }:
            return f"{field} took {ascii(text)[:80]}"
        if field in {"tube_code", "login"} and not character.isascii() and not character.isspace():
            return f"{field} took {ascii(text)[:80]}"
        if field in {"name", "lab_numbers"} and kind[0] == "L" and not character.isascii():
            script = unicodedata.name(character).partition(" ")[0]
            if script not in {"LATIN", "GREEK", "MICRO", "FEMININE", "MASCULINE"}:
                return f"{field} took {ascii(text)[:80]}"
    return ""


# What is typed and scanned


def _check_is_right(code: str) -> bool:
    """ISO/IEC 7064 MOD 37-2 as the standard defines it: the weighted sum of all ten is 1 modulo 37."""
    values = ["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*".index(character) for character in code]
    return sum(value << power for power, value in enumerate(reversed(values))) % 37 == 1


def own_code_wrong(code: str) -> str:
    """Why this is no code of the program's own."""
    if not re.fullmatch(r"P[MBDX][0-9]{2}[0-9A-HJKMNP-TV-Z]{6}", code) or not _check_is_right(code):
        return f"{code!a} is no code"
    return "" if codes.from_number(codes.number(code)) == code else f"{code} has another number"


def _scan_wrong(content: bytes, scan: scans.Scan | None) -> str:
    if scan is None:
        return ""
    if scan.kind is scans.ScanKind.FOREIGN:
        return "" if re.fullmatch("HX[0-9]{8}", scan.code) else f"a foreign code: {scan.code!a}"
    typed = text_of(content).upper().replace("O", "0").replace("I", "1").replace("L", "1")
    kept = [one for one in typed if one.isascii() and one.isalnum()]
    return own_code_wrong(scan.code) or (
        "" if "".join(kept).endswith(scan.code) else "another code was scanned"
    )


def _ranges(content: bytes) -> list[tuple[int, int]]:
    return list(codes.number_ranges(codes.normalise(text_of(content)), range(2024, 2028)))


def _ranges_wrong(_content: bytes, found: list[tuple[int, int]]) -> str:
    return "" if all(0 < first <= last < 1 << 63 for first, last in found) else f"{found}"


def _amount(
    parse: Callable[..., int | Problem], most: int
) -> tuple[Callable[[bytes], int], Callable[[bytes, int], str]]:
    def read(content: bytes) -> int:
        amount = parse(text_of(content))
        if isinstance(amount, Problem):
            raise Rejected(amount)
        return amount

    def wrong(_content: bytes, amount: int) -> str:
        if type(amount) is not int or not 0 < amount <= most:
            return f"{amount!r}"
        write = amounts.format_volume if parse is amounts.parse_volume else amounts.format_cells
        signs = (".", ",")
        return (
            ""
            if all(parse(write(amount, sign)) == amount for sign in signs)
            else f"{amount} is written as another"
        )

    return read, wrong


def _moment_wrong(content: bytes, found: datetime | None) -> str:
    if found is None:
        return ""
    there = found.replace(tzinfo=LAB_ZONE).astimezone(UTC).astimezone(LAB_ZONE).replace(tzinfo=None)
    if there != found:
        return f"{found} never was"
    if parse_moment(f"{found:%d-%m-%Y %H:%M}", TODAY) != found:
        return f"{found} is written as another"
    day_first = re.match(r"\s*0*(\d{1,2})[-/.]0*(\d{1,2})[-/.](\d{4})\b", text_of(content), re.ASCII)
    if day_first and (found.day, found.month) != (int(day_first[1]), int(day_first[2])):
        return f"{found} is no day first"
    return ""


def _day_wrong(_content: bytes, found: date | None) -> str:
    return "" if found is None or parse_day(f"{found:%d-%m-%Y}", TODAY) == found else f"{found}"


GRIDS = (
    grids.Grid(9, 9, "letters-without-i"),
    grids.Grid(1, 18, "running", "running"),
    grids.Grid(5, 4, "numbers", "numbers-padded"),
    grids.Grid(40, 40),
)


def _positions(content: bytes) -> list[tuple[grids.Grid, tuple[int, int]]]:
    found = [(grid, grid.parse(text_of(content))) for grid in GRIDS]
    return [(grid, position) for grid, position in found if position is not None]


def _positions_wrong(_content: bytes, found: list[tuple[grids.Grid, tuple[int, int]]]) -> str:
    wrong = [position for grid, position in found if grid.parse(grid.label(position)) != position]
    return f"{wrong}" if wrong else ""


def _arguments(content: bytes) -> Any:
    said, sys.stdout = sys.stdout, io.StringIO()
    try:
        return parse_arguments(text_of(content).split("\0"))
    except SystemExit as help_was_wanted:
        return help_was_wanted.code
    finally:
        sys.stdout = said


def _arguments_wrong(_content: bytes, options: Any) -> str:
    return "" if options == 0 or options.subject else "no subject"


# Files of the program


def _settings(content: bytes) -> Settings:
    _file("state/settings.toml", content)
    os.environ["BIOBANK_HOME"] = str(place())
    os.environ.pop("BIOBANK_DB", None)
    return read_settings()


def _settings_wrong(_content: bytes, read: Settings) -> str:
    kinds = {"bool": bool, "int": int, "str": str, "Path": Path}
    wrong = [
        one.name
        for one in dataclasses.fields(read)
        if type(getattr(read, one.name)) not in _kinds(kinds[str(one.type)])
    ]
    if wrong:
        return f"{wrong}"
    read.save()
    return "" if read_settings() == read else f"do not read back: {read!a:.300}"


def _kinds(kind: type[Any]) -> set[type[Any]]:
    return {kind, type(Path())} if kind is Path else {kind}


def _journal(content: bytes) -> Any:
    (place() / "journal").mkdir(exist_ok=True)
    _file("journal/left.jsonl", content)
    journal = Journal(place() / "journal")
    try:
        return journal.left_open()
    finally:
        journal.close()


def _journal_wrong(_content: bytes, entries: Any) -> str:
    lines = [
        {
            "id": str(one.id),
            "kind": one.kind,
            "login": one.login,
            "title": one.title,
            "at": one.at.isoformat(),
        }
        for one in entries
    ]
    again = _journal("".join(json.dumps(line) + "\n" for line in lines).encode())
    return "" if again == entries else "entries do not read back"


def _pin(content: bytes) -> Any:
    pins = Pins(place(), "somewhere")
    path = pins._path
    path.write_bytes(content)
    return None if pins.damaged else pins.read()


def _pin_wrong(_content: bytes, pin: Any) -> str:
    if pin is None:
        return ""
    right = type(pin.uuid) is str and pin.uuid and type(pin.size) is int and pin.size >= 0
    return "" if right and len(bytes.fromhex(pin.root)) == 32 else f"{pin!a:.200}"


def _register(content: bytes) -> frozenset[int]:
    return erased_donors(_file(f"register/{REGISTER}", content).parent)


def _register_wrong(content: bytes, donors: frozenset[int]) -> str:
    found = [codes.from_number(number) for number in donors]
    wrong = [code for code in found if own_code_wrong(code) or code[:2] != "PD"]
    lines = [line for line in content.split(b"\n") if line.strip()]
    return f"{wrong}" if wrong or bool(lines) != bool(donors) else ""


def _draft(content: bytes) -> Any:
    _file("drafts/anna.intake.json", content)
    return Drafts(place() / "drafts").load("anna", "intake")


def _draft_wrong(_content: bytes, kept: Any) -> str:
    if kept is None:
        return ""
    drafts = Drafts(place() / "drafts")
    drafts.save("anna", "intake", kept)
    return "" if _same(drafts.load("anna", "intake"), kept) else "does not read back"


def _address_wrong(_content: bytes, url: Any) -> str:
    known = url.drivername in {"sqlite", "postgresql+psycopg"}
    return "" if known and "\0" not in str(url.database) else f"{url!a:.200}"


# Files of the lab


def _protocol_wrong(_content: bytes, protocol: Protocol) -> str:
    numbers = [n for phase in protocol.phases for n in (phase.first_day, phase.last_day)]
    numbers += [
        n for point in protocol.time_points for n in (point.day or 0, point.days_before, point.days_after)
    ]
    if any(type(number) is not int or abs(number) > 100_000 for number in numbers):
        return f"{numbers}"
    flags = [point.repeatable for point in protocol.time_points]
    return "" if all(type(flag) is bool for flag in flags) and protocol.time_points else "flags"


def _rules_wrong(_content: bytes, rules: Any) -> str:
    flags = [flag for one in rules.purposes.values() for flag in (one.new_material, one.contact)]
    days = [rules.deadline_days, *(one.grace_days for one in rules.ages.values())]
    right = all(type(flag) is bool for flag in flags) and all(0 <= day <= 100_000 for day in days)
    return "" if right and all(one.items for one in rules.purposes.values()) else f"{rules!a:.200}"


def _template_wrong(_content: bytes, template: Template) -> str:
    stock = template.stock
    wide = [
        one
        for one in template.elements
        if not -0.01 <= one.area.x_mm <= one.area.right_mm <= stock.width_mm + 0.02
    ]
    high = [
        one
        for one in template.elements
        if not -0.01 <= one.area.y_mm <= one.area.bottom_mm <= stock.height_mm + 0.02
    ]
    return f"{wide or high}" if wide or high else ""


def _shipped(name: str) -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted(folder(name).glob("*.toml")))


_FORM_SEEDS = {
    ReceiptForm: (
        (
            b'{"tube_code":"HX26110042","donor":"PD26000005","material":"BMA","container":"SHP","time_point":"DX",'
            b'"drawn_at":"2026-11-22T09:00:00+01:00","received_at":"2026-11-22T09:40:00Z","volume_ul":3200,'
            b'"temperature":"room","conditions":["clot"],"acceptance":"accepted","origin":"residual",'
            b'"pull_number":1,"released_at":null,"note":"\xc3\xa9","plan":[{"material":"CEL","count":4,"cells":1}]}'
        ),
    ),
    DonorForm: (
        (
            b'{"sex":"male","born_on":"2018-05-04","day1_on":null,"role":"patient",'
            b'"lab_numbers":[["HiX","12-34"]],"protocol":"ALLTogether1"}'
        ),
    ),
    ConsentForm: (
        (
            b'{"donor":"PD26000005","kind":"given","signatory":"mother","signed_on":"2026-11-01",'
            b'"received_on":"2026-11-02","answers":{"STORE":"yes"},"level":null,"note":""}'
        ),
    ),
    FillForm: (b'{"code":"PM26000005","volume_ul":500,"cells":null,"viability_percent":95.5}',),
    ContainerForm: (b'{"kind":"Box 9 \xc3\x97 9","name":"BX001","temperature":null,"inside":"PB26000005"}',),
}

_VOLUMES = _amount(amounts.parse_volume, amounts.MOST_UL)
_CELLS = _amount(amounts.parse_cells, amounts.MOST_CELLS)
_DONOR = codes.run(codes.CodeKind.DONOR, 2026, 7, 1)[0].encode()
_OWN = codes.run(codes.CodeKind.SAMPLE, 2026, 4711, 8)

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("object", _object, _object_wrong, (b'{"a": [1, 2.5, null, true, "x"]}',)),
        *(Reader(form.__name__, _form_reader(form), _form_wrong, _FORM_SEEDS[form]) for form in FORMS),
        Reader(
            "scan",
            lambda content: scans.read(text_of(content), (HOSPITAL,)),
            _scan_wrong,
            (*(code.encode() for code in _OWN), b"]d1" + _OWN[0].encode(), b"HX26110042", b"]C0HX26110042"),
        ),
        Reader("code's beginning", _ranges, _ranges_wrong, (b"PM26", b"0A1B", b"PD2", _OWN[0].encode())),
        Reader("volume", *_VOLUMES, (b"3,2 mL", "500 µL".encode(), b"1 000 ul")),
        Reader("cells", *_CELLS, (b"10e6", "10 × 10⁶ cells".encode(), b"12 000 000", b"1.2 x 10^7")),
        Reader(
            "moment",
            lambda content: parse_moment(text_of(content), TODAY),
            _moment_wrong,
            (b"22-11 9:40", b"22-11-2026 940", b"3 mei 2025 14:05", b"2026-11-22T09:40", b"29-3-2026 2:30"),
        ),
        Reader(
            "day", lambda content: parse_day(text_of(content), TODAY), _day_wrong, (b"22-11-2026", b"221126")
        ),
        Reader("position", _positions, _positions_wrong, (b"A1", b"j10", b"12", b"3-4", b"AA 40")),
        Reader(
            "arguments",
            _arguments,
            _arguments_wrong,
            (b"find\0HX", b"--as\0anna\0show\0PM26000005\0--json", b"place\0BX001\0PM26000005=A1"),
        ),
        Reader(
            "settings",
            _settings,
            _settings_wrong,
            (b'database = "/x.sqlite"\nbench = "bench 2"\nsounds = true\nvolume_percent = 40\n',),
        ),
        Reader(
            "journal",
            _journal,
            _journal_wrong,
            (
                (
                    b'{"at":"2026-11-22T09:00:00Z","id":"8a0d7a52-9c1b-4e6a-a6b5-0f3f6e3a9b11","kind":"filled",'
                    b'"login":"bo","title":"HX1"}\n{"end":"8a0d7a52-9c1b-4e6a-a6b5-0f3f6e3a9b12"}\n'
                ),
            ),
        ),
        Reader("pin", _pin, _pin_wrong, (b'{"root":"' + b"ab" * 32 + b'","size":12,"uuid":"8a0d7a52"}',)),
        Reader(
            "register",
            _register,
            _register_wrong,
            (b'{"donor":"' + _DONOR + b'","erased_at":"2026-03-01"}\n',),
        ),
        Reader("draft", _draft, _draft_wrong, (b'{"tube_code": "HX1", "drawn_at": {"moment": "2026"}}',)),
        Reader(
            "address",
            lambda content: database_url(text_of(content)),
            _address_wrong,
            (b"/data/lab.sqlite", b"postgresql://u:p@host:5432/lab?sslmode=require", b"~/x", b"sqlite:///x"),
        ),
        Reader(
            "protocol",
            lambda content: read_protocol(_file("protocol.toml", content)),
            _protocol_wrong,
            _shipped("protocols"),
        ),
        Reader(
            "consent rules",
            lambda content: read_consent_rules(_file("rules.toml", content)),
            _rules_wrong,
            _shipped("consent"),
        ),
        Reader(
            "SPREC tables",
            lambda content: read_sprec_tables(_file("sprec.toml", content)),
            lambda _content, tables: "" if tables.version else "no version",
            _shipped("sprec"),
        ),
        Reader(
            "label template", lambda content: read_template("x", content), _template_wrong, _shipped("labels")
        ),
    )
}
