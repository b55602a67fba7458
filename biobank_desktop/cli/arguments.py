"""The words of the command line: nothing but argparse, so that help and typing errors answer at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli.contract import UsageError
from biobank_desktop.cli.leaving_arguments import leaving
from biobank_desktop.cli.parsing import Parser, as_json, command, common, count, file, why, word, words_of
from biobank_desktop.cli.storage_arguments import storage
from biobank_desktop.domain.texts import text_problem
from biobank_desktop.language import _

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from biobank_desktop.cli.parsing import Subcommands


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command line. Raises ``UsageError``; ``--help`` ends the program."""
    for argument in arguments:
        problem = text_problem(argument, "")
        if problem:
            raise UsageError(problem)
    return _parser().parse_args(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="biobank", description=_("Sample tracking for the biobank lab."))
    common(parser, top=True)
    words = parser.add_subparsers(dest="subject", required=True, metavar="COMMAND", parser_class=Parser)
    for add in (
        _lab,
        _bench,
        _look,
        _donor,
        _consent,
        _identity,
        _container,
        storage,
        _labels,
        leaving,
        _safety,
    ):
        add(words)
    return parser


def _lab(words: Subcommands) -> None:
    init = word(words, "init", _("Found a lab in a new or empty database"))
    whose = init.add_mutually_exclusive_group(required=True)
    whose.add_argument("--admin", metavar="LOGIN", help=_("login of the first administrator"))
    whose.add_argument("--demo", action="store_true", help=_("the demonstration lab, with its own people"))
    init.add_argument("--name", metavar="NAME", help=_("the first administrator's name"))
    status = word(words, "status", _("Show the database, its seal, pin, open answers and last backup"))
    status.add_argument("--seen", action="store_true", help=_("forget the open answers: they were read"))
    word(words, "upgrade", _("Bring the database to this program's schema"))


def _bench(words: Subcommands) -> None:
    file(word(words, "receive", _("Receive a tube")))
    file(word(words, "fill", _("Record what was made in planned vials")))
    place = word(words, "place", _("Put vials into a box, all or none"))
    place.add_argument("box", metavar="BOX", help=_("code or name of the box"))
    place.add_argument(
        "vials", metavar="VIAL[=POSITION]", nargs="+", help=_("without a position: the next free one")
    )
    command(place)


def _look(words: Subcommands) -> None:
    show = word(words, "show", _("Show a sample, container or donor"))
    show.add_argument("code", metavar="CODE")
    history = word(words, "history", _("Show what happened to something, or the newest of everything"))
    history.add_argument("code", metavar="CODE", nargs="?")
    history.add_argument("--limit", metavar="N", type=count, default=50, help=_("at most this many (50)"))
    find = word(words, "find", _("Find by the beginning of a code, a serial or a foreign code"))
    find.add_argument("text", metavar="TEXT")
    find.add_argument("--limit", metavar="N", type=count, default=20, help=_("at most this many (20)"))


def _donor(words: Subcommands) -> None:
    actions = words_of(words, "donor", _("Donors and their consent"))
    file(word(actions, "add", _("Register a donor")))
    word(actions, "show", _("Show a donor")).add_argument("code", metavar="CODE")
    file(word(actions, "consent", _("Record a line of consent")))
    day1 = word(actions, "day1", _("Record the first day of induction"))
    day1.add_argument("code", metavar="CODE")
    day1.add_argument("date", metavar="YYYY-MM-DD")
    day1.add_argument("--why", default="", metavar="TEXT", help=_("the reason, when a known day is changed"))
    command(day1)


def _consent_terms(actions: Subcommands) -> None:
    """What forms ask and what rules say."""
    word(actions, "forms", _("List the registered versions of consent forms"))
    add = word(actions, "add-forms", _("Register versions of forms"))
    add.add_argument("file", metavar="FILE", nargs="?", help=_("a TOML file"))
    add.add_argument("--shipped", action="store_true", help=_("the drafts that come with the program"))
    command(add)
    end = word(actions, "end-form", _("Set the last day on which a version may be signed"))
    end.add_argument("form", metavar="ID")
    end.add_argument("date", metavar="YYYY-MM-DD")
    command(end)
    word(actions, "rules", _("List the sets of consent rules, and say what counts today"))
    new_rules = word(actions, "add-rules", _("Let other consent rules count from a day on"))
    new_rules.add_argument("file", metavar="FILE", help=_("a TOML file"))
    new_rules.add_argument(
        "--from", dest="valid_from", metavar="YYYY-MM-DD", required=True, help=_("the first day")
    )
    new_rules.add_argument("--approved-by", metavar="NAME", required=True, help=_("who answers for them"))
    new_rules.add_argument("--why", metavar="TEXT", required=True, help=_("the reason"))
    command(new_rules)


def _consent(words: Subcommands) -> None:
    actions = words_of(
        words, "consent", _("What consent permits, who grows up, what is not complete, papers")
    )
    _consent_terms(actions)
    file(word(actions, "give", _("Record a line of consent")))
    check = word(actions, "check", _("Compare a line with the signed form, as a second person"))
    check.add_argument("code", metavar="CODE")
    check.add_argument("line", metavar="LINE", type=count)
    check.add_argument("--differs", action="store_true", help=_("the form says something else"))
    check.add_argument("--why", metavar="TEXT", default="", help=_("what differs"))
    command(check)
    word(actions, "unchecked", _("List the lines that wait for a second person"))
    show = word(actions, "show", _("Show a donor's consent with every verdict and its steps"))
    show.add_argument("code", metavar="CODE")
    report = word(actions, "report", _("Say what was permitted, for every donor"))
    report.add_argument("--purpose", metavar="PURPOSE", action="append", default=[], help=_("only this one"))
    for one in (show, report):
        one.add_argument("--as-of", metavar="YYYY-MM-DD", help=_("the day asked about; else today"))
        one.add_argument("--known-on", metavar="YYYY-MM-DD", help=_("by what was known that day; else now"))
    what_if = word(actions, "what-if", _("Count whose verdict would change; writes nothing"))
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
    turning = word(actions, "turning", _("List who turns 12, 16 or 18 and has not decided"))
    turning.add_argument(
        "--days", metavar="N", type=count, default=90, help=_("birthdays so many days ahead (90)")
    )
    word(actions, "incomplete", _("List consent that waits for somebody, and material that is to go"))
    letter = word(actions, "letter", _("Write the letter of an age with its reply slip as PDF"))
    letter.add_argument("code", metavar="CODE")
    letter.add_argument("--age", type=int, choices=(12, 16, 18), required=True)
    letter.add_argument("--language", choices=("nl", "en"), help=_("of the letter; else yours"))
    letter.add_argument("--to", metavar="FILE", required=True, help=_("the PDF file"))
    letter.add_argument("--record", action="store_true", help=_("also record that it goes out"))
    command(letter)
    chain = word(actions, "chain", _("Write a donor's chain of consent as PDF"))
    chain.add_argument("code", metavar="CODE")
    chain.add_argument("--family", action="store_true", help=_("in plain words, without logins"))
    chain.add_argument("--as-of", metavar="YYYY-MM-DD", help=_("the day asked about; else today"))
    chain.add_argument("--known-on", metavar="YYYY-MM-DD", help=_("by what was known that day; else now"))
    chain.add_argument("--to", metavar="FILE", required=True, help=_("the PDF file"))


def _identity(words: Subcommands) -> None:
    actions = words_of(words, "identity", _("Who a donor is, in a store of its own"))
    word(actions, "init", _("Make the identity store of this lab"))
    _who(word(actions, "authorise", _("Let somebody open the store, or give them a new passphrase")))
    why(_who(word(actions, "withdraw", _("Let somebody open the store no longer"))))
    word(actions, "passphrase", _("Give yourself another passphrase"))
    word(actions, "recover", _("Open the store with the recovery code and give yourself a passphrase"))
    why(word(actions, "rotate", _("Put the whole store under new keys")))
    file(word(actions, "set", _("Record who a donor is")))
    show = why(word(actions, "show", _("Show who a donor is")))
    show.add_argument("code", metavar="CODE")
    find = why(word(actions, "find", _("Find a donor by hospital number, surname or day of birth")))
    find.add_argument(
        "text", metavar="TEXT", help=_("- reads a line of stdin, which no list of programs shows")
    )
    erase = why(word(actions, "erase", _("Destroy what is known of who a donor is")))
    erase.add_argument("code", metavar="CODE")
    command(erase)
    keep = word(actions, "keep-scan", _("Keep the scan of a line's signed form"))
    _line(keep)
    keep.add_argument("file", metavar="FILE", help=_("PDF, JPEG, PNG or TIFF"))
    command(keep)
    scan = why(word(actions, "scan", _("Write the scan of a line's signed form into a file")))
    _line(scan)
    scan.add_argument("--to", metavar="FILE", required=True, help=_("the file, which is not sealed any more"))
    check = word(actions, "check", _("Check the store against the history"))
    check.add_argument("--clear", action="store_true", help=_("clear away what a crash left; needs --why"))
    check.add_argument("--why", default="", metavar="TEXT", help=_("the reason, kept in the history"))
    backup = word(actions, "backup", _("Copy the store, sealed as it is, into a file"))
    backup.add_argument("folder", metavar="FOLDER", help=_("another place than that of the archives"))
    restore = word(actions, "restore", _("Put a copy back where there is no identity store"))
    restore.add_argument("file", metavar="COPY")


def _line(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", metavar="CODE")
    parser.add_argument("line", metavar="LINE", type=int, help=_("the line's number"))


def _who(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("who", metavar="LOGIN")
    return parser


def _container(words: Subcommands) -> None:
    actions = words_of(words, "container", _("Freezers, racks and boxes"))
    file(word(actions, "add", _("Make a container")))
    word(actions, "show", _("Show a container and what lies in it")).add_argument("code", metavar="CODE")


def _labels(words: Subcommands) -> None:
    actions = words_of(words, "labels", _("Labels"))
    word(actions, "queued", _("List the labels that wait for a printer"))
    pdf = word(actions, "pdf", _("Write waiting labels to a PDF file"))
    pdf.add_argument("file", metavar="FILE")
    pdf.add_argument(
        "codes", metavar="CODE", nargs="*", help=_("only the labels of these; else all that wait")
    )
    pdf.add_argument("--template", metavar="NAME", help=_("layout and stock; else the one asked for"))
    pdf.add_argument(
        "--dpi", type=int, choices=(203, 300, 600), default=300, help=_("the printer's dots (300)")
    )
    reprint = word(actions, "reprint", _("Ask for another label, with the reason"))
    reprint.add_argument("code", metavar="CODE")
    reprint.add_argument("--reason", required=True, metavar="REASON")
    reprint.add_argument("--note", default="", metavar="TEXT")
    command(reprint)
    verify = word(actions, "verify", _("Prove a label by a scan of it"))
    verify.add_argument("code", metavar="CODE")
    command(verify)
    _label_templates(actions)


def _label_templates(actions: Subcommands) -> None:
    """On what labels are printed."""
    word(actions, "templates", _("List the layouts of labels"))
    show = word(actions, "template", _("Show a layout as TOML"))
    show.add_argument("name", metavar="NAME")
    add = word(actions, "add-template", _("Keep a layout of the lab's own, once it is tried on bad prints"))
    add.add_argument("file", metavar="FILE", help=_("a TOML file"))
    add.add_argument("--name", metavar="NAME", help=_("what it is known by; else the file's name"))
    add.add_argument("--dpi", type=int, choices=(203, 300, 600), default=300, help=_("tried at (300)"))
    retire = word(actions, "retire-template", _("Take a layout of the lab's own out of use"))
    retire.add_argument("name", metavar="NAME")
    for one in (add, retire):
        one.add_argument(
            "--version", metavar="N", type=count, help=_("the newest one you know; else whatever there is")
        )
        command(one)
    word(actions, "rules", _("List the rules that choose the layout of a label"))
    rules = word(actions, "set-rules", _("Let other rules choose the layout of a label"))
    file(rules)


def _safety(words: Subcommands) -> None:
    word(words, "verify", _("Check the database against its own history"))
    check_proof = _("Check the proof of a vial; needs no database and nobody's password")
    proof = words.add_parser("verify-proof", help=check_proof, description=check_proof)
    as_json(proof)
    proof.add_argument(
        "file", metavar="FILE", help=_("the PDF, or what its symbol says as text; - reads stdin")
    )
    proof.add_argument("--key", metavar="FINGERPRINT", help=_("of the lab's key, as the lab itself gives it"))
    backup = word(words, "backup", _("Write a verified backup"))
    backup.add_argument("--to", metavar="FOLDER", help=_("folder of the backups; else this computer's"))
    restore = word(words, "restore", _("Restore a backup into an empty database"))
    restore.add_argument("archive", metavar="ARCHIVE")
