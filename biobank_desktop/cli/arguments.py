"""The words of the command line: nothing but argparse, so that help and typing errors answer at once."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from biobank_desktop.cli.contract import UsageError
from biobank_desktop.domain.problems import Problem
from biobank_desktop.domain.texts import text_problem
from biobank_desktop.language import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    Subcommands = argparse._SubParsersAction["_Parser"]  # noqa: SLF001 - argparse names it nowhere else


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise UsageError(Problem("", "usage", {"said": message, "usage": self.format_usage().strip()}))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command line. Raises ``UsageError``; ``--help`` ends the program."""
    for argument in arguments:
        problem = text_problem(argument, "")
        if problem:
            raise UsageError(problem)
    return _parser().parse_args(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="biobank", description=_("Sample tracking for the biobank lab."))
    _common(parser, top=True)
    words = parser.add_subparsers(dest="subject", required=True, metavar="COMMAND", parser_class=_Parser)
    for add in (_lab, _bench, _look, _donor, _consent, _identity, _container, _labels, _safety):
        add(words)
    return parser


def _common(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """The options of every command, before or after its word."""
    none = None if top else argparse.SUPPRESS
    parser.add_argument(
        "--db",
        metavar="PATH_OR_URL",
        default=none,
        help=_("the database; else BIOBANK_DB, else this computer's"),
    )
    parser.add_argument(
        "--as", dest="login", metavar="LOGIN", default=none,
        help=_("who you are; the password from BIOBANK_PASSWORD or asked for"),
    )  # fmt: skip
    _json(parser, top=top)


def _json(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    parser.add_argument(
        "--json", action="store_true", default=False if top else argparse.SUPPRESS, help=_("answer in JSON")
    )


def _word(words: Subcommands, name: str, help_text: str) -> argparse.ArgumentParser:
    parser = words.add_parser(name, help=help_text, description=help_text)
    _common(parser)
    return parser


def _words(words: Subcommands, name: str, help_text: str) -> Subcommands:
    parser = words.add_parser(name, help=help_text, description=help_text)
    return parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=_Parser)


def _file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_("input file in JSON; - reads stdin"))


def _command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--command", metavar="UUID", help=_("id of this command: the same one again does nothing twice")
    )


def _lab(words: Subcommands) -> None:
    init = _word(words, "init", _("Found a lab in a new or empty database"))
    whose = init.add_mutually_exclusive_group(required=True)
    whose.add_argument("--admin", metavar="LOGIN", help=_("login of the first administrator"))
    whose.add_argument("--demo", action="store_true", help=_("the demonstration lab, with its own people"))
    init.add_argument("--name", metavar="NAME", help=_("the first administrator's name"))
    status = _word(words, "status", _("Show the database, its seal, pin, open answers and last backup"))
    status.add_argument("--seen", action="store_true", help=_("forget the open answers: they were read"))
    _word(words, "upgrade", _("Bring the database to this program's schema"))


def _bench(words: Subcommands) -> None:
    _file(_word(words, "receive", _("Receive a tube")))
    _file(_word(words, "fill", _("Record what was made in planned vials")))
    place = _word(words, "place", _("Put vials into a box, all or none"))
    place.add_argument("box", metavar="BOX", help=_("code or name of the box"))
    place.add_argument(
        "vials", metavar="VIAL[=POSITION]", nargs="+", help=_("without a position: the next free one")
    )
    _command(place)


def _look(words: Subcommands) -> None:
    show = _word(words, "show", _("Show a sample, container or donor"))
    show.add_argument("code", metavar="CODE")
    history = _word(words, "history", _("Show what happened to something, or the newest of everything"))
    history.add_argument("code", metavar="CODE", nargs="?")
    history.add_argument("--limit", metavar="N", type=_count, default=50, help=_("at most this many (50)"))
    find = _word(words, "find", _("Find by the beginning of a code, a serial or a foreign code"))
    find.add_argument("text", metavar="TEXT")
    find.add_argument("--limit", metavar="N", type=_count, default=20, help=_("at most this many (20)"))


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= 10_000:
        raise ValueError(text)
    return count


def _donor(words: Subcommands) -> None:
    actions = _words(words, "donor", _("Donors and their consent"))
    _file(_word(actions, "add", _("Register a donor")))
    _word(actions, "show", _("Show a donor")).add_argument("code", metavar="CODE")
    _file(_word(actions, "consent", _("Record a line of consent")))
    day1 = _word(actions, "day1", _("Record the first day of induction"))
    day1.add_argument("code", metavar="CODE")
    day1.add_argument("date", metavar="YYYY-MM-DD")
    day1.add_argument("--why", default="", metavar="TEXT", help=_("the reason, when a known day is changed"))
    _command(day1)


def _consent_terms(actions: Subcommands) -> None:
    """What forms ask and what rules say."""
    _word(actions, "forms", _("List the registered versions of consent forms"))
    add = _word(actions, "add-forms", _("Register versions of forms"))
    add.add_argument("file", metavar="FILE", nargs="?", help=_("a TOML file"))
    add.add_argument("--shipped", action="store_true", help=_("the drafts that come with the program"))
    _command(add)
    end = _word(actions, "end-form", _("Set the last day on which a version may be signed"))
    end.add_argument("form", metavar="ID")
    end.add_argument("date", metavar="YYYY-MM-DD")
    _command(end)
    _word(actions, "rules", _("List the sets of consent rules, and say what counts today"))
    new_rules = _word(actions, "add-rules", _("Let other consent rules count from a day on"))
    new_rules.add_argument("file", metavar="FILE", help=_("a TOML file"))
    new_rules.add_argument(
        "--from", dest="valid_from", metavar="YYYY-MM-DD", required=True, help=_("the first day")
    )
    new_rules.add_argument("--approved-by", metavar="NAME", required=True, help=_("who answers for them"))
    new_rules.add_argument("--why", metavar="TEXT", required=True, help=_("the reason"))
    _command(new_rules)


def _consent(words: Subcommands) -> None:
    actions = _words(words, "consent", _("What consent permits, who grows up, what is not complete, papers"))
    _consent_terms(actions)
    _file(_word(actions, "give", _("Record a line of consent")))
    check = _word(actions, "check", _("Compare a line with the signed form, as a second person"))
    check.add_argument("code", metavar="CODE")
    check.add_argument("line", metavar="LINE", type=_count)
    check.add_argument("--differs", action="store_true", help=_("the form says something else"))
    check.add_argument("--why", metavar="TEXT", default="", help=_("what differs"))
    _command(check)
    _word(actions, "unchecked", _("List the lines that wait for a second person"))
    show = _word(actions, "show", _("Show a donor's consent with every verdict and its steps"))
    show.add_argument("code", metavar="CODE")
    report = _word(actions, "report", _("Say what was permitted, for every donor"))
    report.add_argument("--purpose", metavar="PURPOSE", action="append", default=[], help=_("only this one"))
    for one in (show, report):
        one.add_argument("--as-of", metavar="YYYY-MM-DD", help=_("the day asked about; else today"))
        one.add_argument("--known-on", metavar="YYYY-MM-DD", help=_("by what was known that day; else now"))
    what_if = _word(actions, "what-if", _("Count whose verdict would change; writes nothing"))
    what_if.add_argument("--rules", metavar="FILE", help=_("as if these consent rules held (TOML)"))
    what_if.add_argument("--on", metavar="YYYY-MM-DD", help=_("as if it were this day"))
    what_if.add_argument(
        "--purpose", metavar="PURPOSE", action="append", default=[], help=_("only this one; may be repeated")
    )
    what_if.add_argument(
        "--withdraw", metavar="CODE=LEVEL", action="append", default=[],
        help=_("as if this donor's consent were withdrawn: W0, W1, W2, W3 or W4"),
    )  # fmt: skip
    what_if.add_argument(
        "--form", metavar="VERSION=FILE", action="append", default=[],
        help=_("as if who signed this version had answered the form in the file (TOML)"),
    )  # fmt: skip
    what_if.add_argument("--list", action="store_true", help=_("name the donors and their vials"))
    turning = _word(actions, "turning", _("List who turns 12, 16 or 18 and has not decided"))
    turning.add_argument(
        "--days", metavar="N", type=_count, default=90, help=_("birthdays so many days ahead (90)")
    )
    _word(actions, "incomplete", _("List consent that waits for somebody, and material that is to go"))
    letter = _word(actions, "letter", _("Write the letter of an age with its reply slip as PDF"))
    letter.add_argument("code", metavar="CODE")
    letter.add_argument("--age", type=int, choices=(12, 16, 18), required=True)
    letter.add_argument("--language", choices=("nl", "en"), help=_("of the letter; else yours"))
    letter.add_argument("--to", metavar="FILE", required=True, help=_("the PDF file"))
    letter.add_argument("--record", action="store_true", help=_("also record that it goes out"))
    _command(letter)
    chain = _word(actions, "chain", _("Write a donor's chain of consent as PDF"))
    chain.add_argument("code", metavar="CODE")
    chain.add_argument("--family", action="store_true", help=_("in plain words, without logins"))
    chain.add_argument("--as-of", metavar="YYYY-MM-DD", help=_("the day asked about; else today"))
    chain.add_argument("--known-on", metavar="YYYY-MM-DD", help=_("by what was known that day; else now"))
    chain.add_argument("--to", metavar="FILE", required=True, help=_("the PDF file"))


def _identity(words: Subcommands) -> None:
    actions = _words(words, "identity", _("Who a donor is, in a store of its own"))
    _word(actions, "init", _("Make the identity store of this lab"))
    _who(_word(actions, "authorise", _("Let somebody open the store, or give them a new passphrase")))
    _why(_who(_word(actions, "withdraw", _("Let somebody open the store no longer"))))
    _word(actions, "passphrase", _("Give yourself another passphrase"))
    _word(actions, "recover", _("Open the store with the recovery code and give yourself a passphrase"))
    _why(_word(actions, "rotate", _("Put the whole store under new keys")))
    _file(_word(actions, "set", _("Record who a donor is")))
    show = _why(_word(actions, "show", _("Show who a donor is")))
    show.add_argument("code", metavar="CODE")
    find = _why(_word(actions, "find", _("Find a donor by hospital number, surname or day of birth")))
    find.add_argument(
        "text", metavar="TEXT", help=_("- reads a line of stdin, which no list of programs shows")
    )
    erase = _why(_word(actions, "erase", _("Destroy what is known of who a donor is")))
    erase.add_argument("code", metavar="CODE")
    _command(erase)
    keep = _word(actions, "keep-scan", _("Keep the scan of a line's signed form"))
    _line(keep)
    keep.add_argument("file", metavar="FILE", help=_("PDF, JPEG, PNG or TIFF"))
    _command(keep)
    scan = _why(_word(actions, "scan", _("Write the scan of a line's signed form into a file")))
    _line(scan)
    scan.add_argument("--to", metavar="FILE", required=True, help=_("the file, which is not sealed any more"))
    check = _word(actions, "check", _("Check the store against the history"))
    check.add_argument("--clear", action="store_true", help=_("clear away what a crash left; needs --why"))
    check.add_argument("--why", default="", metavar="TEXT", help=_("the reason, kept in the history"))
    backup = _word(actions, "backup", _("Copy the store, sealed as it is, into a file"))
    backup.add_argument("folder", metavar="FOLDER", help=_("another place than that of the archives"))
    restore = _word(actions, "restore", _("Put a copy back where there is no identity store"))
    restore.add_argument("file", metavar="COPY")


def _line(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE")
    parser.add_argument("line", metavar="LINE", type=int, help=_("the line's number"))


def _who(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("who", metavar="LOGIN")
    return parser


def _why(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--why", required=True, metavar="TEXT", help=_("the reason, kept in the history"))
    return parser


def _container(words: Subcommands) -> None:
    actions = _words(words, "container", _("Freezers, racks and boxes"))
    _file(_word(actions, "add", _("Make a container")))
    _word(actions, "kinds", _("List the kinds of containers"))
    _word(actions, "show", _("Show a container and what lies in it")).add_argument("code", metavar="CODE")
    tree = _word(actions, "tree", _("Show what stands in what"))
    tree.add_argument("code", metavar="CODE", nargs="?")


def _labels(words: Subcommands) -> None:
    actions = _words(words, "labels", _("Labels"))
    _word(actions, "queued", _("List the labels that wait for a printer"))
    pdf = _word(actions, "pdf", _("Write waiting labels to a PDF file"))
    pdf.add_argument("file", metavar="FILE")
    pdf.add_argument(
        "codes", metavar="CODE", nargs="*", help=_("only the labels of these; else all that wait")
    )
    pdf.add_argument("--template", metavar="NAME", help=_("layout and stock; else the one asked for"))
    pdf.add_argument(
        "--dpi", type=int, choices=(203, 300, 600), default=300, help=_("the printer's dots (300)")
    )
    reprint = _word(actions, "reprint", _("Ask for another label, with the reason"))
    reprint.add_argument("code", metavar="CODE")
    reprint.add_argument("--reason", required=True, metavar="REASON")
    reprint.add_argument("--note", default="", metavar="TEXT")
    _command(reprint)
    verify = _word(actions, "verify", _("Prove a label by a scan of it"))
    verify.add_argument("code", metavar="CODE")
    _command(verify)


def _safety(words: Subcommands) -> None:
    _word(words, "verify", _("Check the database against its own history"))
    check_proof = _("Check the proof of a vial; needs no database and nobody's password")
    proof = words.add_parser("verify-proof", help=check_proof, description=check_proof)
    _json(proof)
    proof.add_argument(
        "file", metavar="FILE", help=_("the PDF, or what its symbol says as text; - reads stdin")
    )
    proof.add_argument("--key", metavar="FINGERPRINT", help=_("of the lab's key, as the lab itself gives it"))
    backup = _word(words, "backup", _("Write a verified backup"))
    backup.add_argument("--to", metavar="FOLDER", help=_("folder of the backups; else this computer's"))
    restore = _word(words, "restore", _("Restore a backup into an empty database"))
    restore.add_argument("archive", metavar="ARCHIVE")
