"""The words of labels, of their way through printers, and of the printers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli.parsing import command, count, file, word, words_of
from biobank_desktop.language import _

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from biobank_desktop.cli.parsing import Subcommands


def labels(words: Subcommands) -> None:
    """Add what waits, printing it, asking for it again, proving it."""
    actions = words_of(words, "labels", _("Labels"))
    word(actions, "queued", _("List the labels that wait for a printer"))
    pdf = word(actions, "pdf", _("Write waiting labels to a PDF file"))
    pdf.add_argument("file", metavar="FILE")
    _codes(pdf, _("only the labels of these; else all that wait"))
    pdf.add_argument("--template", metavar="NAME", help=_("layout and stock; else the one asked for"))
    pdf.add_argument(
        "--dpi", type=int, choices=(203, 300, 600), default=300, help=_("the printer's dots (300)")
    )
    prints = word(actions, "print", _("Print waiting labels on a printer of the lab"))
    _codes(prints, _("only the labels of these; else all that wait"))
    prints.add_argument("--printer", metavar="NAME", required=True, help=_("the printer's name"))
    prints.add_argument(
        "--first", metavar="N", type=count, default=1, help=_("the place on the first sheet to begin at (1)")
    )
    prints.add_argument(
        "--wait", metavar="SECONDS", type=count, default=600,
        help=_("how long to wait for a printer that holds labels, for paper or ribbon (600)"),
    )  # fmt: skip
    reprint = word(actions, "reprint", _("Ask for another label, with the reason"))
    reprint.add_argument("code", metavar="CODE")
    reprint.add_argument("--reason", required=True, metavar="REASON")
    reprint.add_argument("--note", default="", metavar="TEXT")
    command(reprint)
    verify = word(actions, "verify", _("Prove a label by a scan of it"))
    verify.add_argument("code", metavar="CODE")
    command(verify)
    unchecked = word(actions, "unchecked", _("Say what becomes of vials whose label nobody has scanned"))
    unchecked.add_argument(
        "rule", metavar="RULE", nargs="?", help=_("accept, warn or block; without it, show the rule")
    )
    command(unchecked)
    _makers_codes(actions)
    _label_templates(actions)


def printers(words: Subcommands) -> None:
    """Add the printers of the lab: which there are, how one stands, what its test label shows."""
    actions = words_of(words, "printers", _("The label printers of the lab"))
    word(actions, "list", _("List the printers with what they are loaded with and their newest test"))
    _printer(word(actions, "status", _("Ask a Zebra on the network how it stands")))
    test = _printer(word(actions, "test", _("Print the test label, or store what a scanner read of it")))
    test.add_argument("--stock", metavar="TEMPLATE", help=_("the labels in it; else what it is loaded with"))
    test.add_argument("--to", metavar="FILE", help=_("write the test label to a PDF file instead"))
    test.add_argument(
        "--read", metavar="CODE", nargs="*", help=_("store a test: the codes that the scanner read, if any")
    )
    test.add_argument(
        "--ribbon", metavar="TEXT", default="", help=_("with --read: the ribbon in the printer")
    )
    command(test)


def queue(words: Subcommands) -> None:
    """Add what has not come out, and what to do about it."""
    actions = words_of(words, "queue", _("Labels that have not come out"))
    word(actions, "list", _("List what waits, is in a printer, in doubt or failed, with bench and reason"))
    retry = word(actions, "retry", _("Ask for another label where one failed"))
    _codes(retry, _("only of these; else of all that failed"))
    confirm = word(actions, "confirm", _("Say of a label in doubt whether it came out"))
    confirm.add_argument("code", metavar="CODE")
    came_out = confirm.add_mutually_exclusive_group(required=True)
    came_out.add_argument("--out", action="store_true", help=_("it came out"))
    came_out.add_argument("--not-out", action="store_true", help=_("it did not"))
    command(confirm)
    give_up = word(actions, "give-up", _("Nobody watches these labels any more: they are in doubt"))
    _codes(give_up, _("only of these"))
    give_up.add_argument("--bench", metavar="NAME", help=_("all that this bench has in a printer"))
    command(give_up)


def _codes(parser: ArgumentParser, help_text: str) -> None:
    parser.add_argument("codes", metavar="CODE", nargs="*", help=help_text)


def _printer(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("printer", metavar="NAME", help=_("the printer's name"))
    return parser


def _makers_codes(actions: Subcommands) -> None:
    """Codes that are printed already."""
    word(actions, "rolls", _("List the rolls whose codes lie ready, and how many of them are used"))
    add = word(actions, "add-roll", _("Lay a roll of labels or a rack of tubes with codes ready"))
    add.add_argument("roll", metavar="NAME", help=_("what stands on the roll or rack"))
    add.add_argument("--maker", metavar="NAME", required=True, help=_("who made its codes"))
    add.add_argument("--bench", metavar="NAME", default="", help=_("for this bench only; else for every one"))
    add.add_argument("--first", metavar="CODE", default="", help=_("its first code"))
    add.add_argument("--last", metavar="CODE", default="", help=_("its last code, counted up from the first"))
    add.add_argument(
        "--list", metavar="FILE", help=_("all its codes, a line each, where they do not count up")
    )
    bind = word(actions, "bind", _("Put makers’ codes on vials: a scan of the code is a scan of the vial"))
    bind.add_argument("sample", metavar="VIAL", nargs="?", default="", help=_("the vial, by our code"))
    bind.add_argument("code", metavar="CODE", nargs="?", default="", help=_("the code on the tube"))
    bind.add_argument("--list", metavar="FILE", help=_("a list instead: vial and code, line by line"))
    bind.add_argument(
        "--why", metavar="TEXT", default="", help=_("the reason, where a code is on another vial")
    )
    bind.add_argument(
        "--keep-labels", action="store_true", help=_("labels of ours that wait are printed, too")
    )
    for one in (add, bind):
        command(one)


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
