"""The words of a sample's later life: use, quarantine, release, withdrawal, destruction, erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli.parsing import command, count, file, why, word, words_of
from biobank_desktop.language import LANGUAGES, _

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from biobank_desktop.cli.parsing import Subcommands


def leaving(words: Subcommands) -> None:
    """Add them."""
    for add in (_use, _quarantine, _release, _withdraw, _destroy, _erase, _gap):
        add(words)


def _samples(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("samples", metavar="CODE", nargs="+")
    command(parser)
    return parser


def _number(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("no", metavar="NUMBER", type=count)
    return parser


def _one(parser: ArgumentParser) -> ArgumentParser:
    parser.add_argument("code", metavar="CODE")
    command(parser)
    return parser


def _to_file(parser: ArgumentParser) -> None:
    parser.add_argument("--to", metavar="FILE", required=True, help=_("the PDF file to write"))


def _to_folder(parser: ArgumentParser) -> None:
    parser.add_argument("--to", metavar="FOLDER", required=True, help=_("the folder to write PDF files into"))


def _use(words: Subcommands) -> None:
    actions = words_of(words, "use", _("Vials out of the cold and back, used, lost, broken"))
    why(_samples(word(actions, "out", _("Take samples out; their places are kept"))))
    back = _samples(word(actions, "in", _("Put samples back into their places")))
    back.add_argument("--thawed", action="store_true", help=_("they have thawed"))
    take = _one(word(actions, "take", _("Record what was used of a sample")))
    take.add_argument("--purpose", metavar="PURPOSE", required=True, help=_("what consent is asked for"))
    take.add_argument("--what", metavar="TEXT", required=True, help=_("what it was used for"))
    take.add_argument("--ul", metavar="N", type=int, help=_("µL taken"))
    take.add_argument("--cells", metavar="N", type=int, help=_("cells taken"))
    take.add_argument("--last", action="store_true", help=_("nothing is left"))
    derive = _one(word(actions, "derive", _("Plan vials that are made of a stored one")))
    derive.add_argument("--material", metavar="CODE", required=True, help=_("what is made, DNA for example"))
    derive.add_argument("--count", metavar="N", type=count, default=1, help=_("how many vials (1)"))
    derive.add_argument("--purpose", metavar="PURPOSE", required=True, help=_("what consent is asked for"))
    derive.add_argument("--what", metavar="TEXT", required=True, help=_("what it was used for"))
    derive.add_argument("--ul", metavar="N", type=int, help=_("µL planned in each"))
    derive.add_argument("--cells", metavar="N", type=int, help=_("cells planned in each"))
    derive.add_argument(
        "--pool", metavar="CODE", action="append", default=[], help=_("another vial, of which all goes in")
    )
    why(_one(word(actions, "lost", _("Report that a sample is not where it should be"))))
    why(_one(word(actions, "broken", _("Report that a sample broke or was spilled"))))
    why(_one(word(actions, "found", _("A lost or an issued sample is here again"))))
    undo = word(actions, "undo", _("Take back a use while nothing has followed"))
    undo.add_argument("of_command", metavar="UUID", help=_("the id of the command, as the history shows it"))
    command(undo)
    word(actions, "show", _("Show how a sample stands")).add_argument("code", metavar="CODE")


def _quarantine(words: Subcommands) -> None:
    actions = words_of(words, "quarantine", _("Nonconforming work, and what it holds back"))
    file(word(actions, "report", _("Report a nonconformity and hold back what it touched")))
    touched = word(actions, "touched", _("List what a lot, a device, a container or a person touched"))
    for name, metavar, help_text in (
        ("donor", "CODE", _("a donor's material")),
        ("lot", "LOT", _("of a step of processing")),
        ("device", "NAME", _("of a step of processing")),
        ("container", "CODE", _("all that lay in it, or in one within it")),
        ("person", "LOGIN", _("all that this person worked on")),
        ("since", "MOMENT", _("from then on, 2026-11-22T09:00+01:00")),
        ("until", "MOMENT", _("before then")),
    ):
        touched.add_argument(f"--{name}", metavar=metavar, default="", help=help_text)
    _samples(_number(word(actions, "hold", _("Hold back more samples under a number"))))
    decide = why(_samples(_number(word(actions, "decide", _("Decide, signed, about samples held back")))))
    decide.add_argument("--judgement", choices=("accept", "destroy"), required=True)
    close = _number(word(actions, "close", _("Close a nonconformity")))
    close.add_argument("--conclusion", metavar="TEXT", required=True, help=_("what was learned and done"))
    command(close)
    word(actions, "list", _("List the nonconformities"))
    _number(word(actions, "show", _("Show a nonconformity and what it holds back")))


def _release(words: Subcommands) -> None:
    actions = words_of(words, "release", _("Vials to a named study and recipient"))
    file(word(actions, "open", _("Open a release")))
    change = why(_number(word(actions, "change", _("Change what is said of an open release"))))
    file(change)
    _samples(_number(word(actions, "choose", _("Choose vials; what is refused is listed with the reasons"))))
    why(_samples(_number(word(actions, "drop", _("Take vials out of an open release")))))
    command(_number(word(actions, "issue", _("Let all vials of a release leave; their places are free"))))
    cancel = why(_number(word(actions, "cancel", _("Call an open release off"))))
    command(cancel)
    word(actions, "list", _("List the releases"))
    _number(word(actions, "show", _("Show a release, and what stands against each vial now")))
    _to_file(_number(word(actions, "note", _("Write the note of an issued release as PDF"))))
    proofs = _("Write the note and the signed proof of every vial into a folder, all or none")
    _to_folder(_number(word(actions, "proofs", proofs)))
    word(actions, "key", _("Show the fingerprint of the key that proofs are signed with"))


def _withdraw(words: Subcommands) -> None:
    withdraw = word(words, "withdraw", _("Record a withdrawal, and list what follows from it"))
    withdraw.add_argument("code", metavar="DONOR")
    withdraw.add_argument("--look", action="store_true", help=_("only list what it would reach"))
    what = withdraw.add_mutually_exclusive_group()
    what.add_argument("--level", choices=("W0", "W1", "W2", "W3", "W4"), help=_("how far it goes"))
    what.add_argument("--item", metavar="ITEM", action="append", default=[], help=_("only this item"))
    withdraw.add_argument("--signatory", choices=("mother", "father", "guardian", "child", "self"))
    withdraw.add_argument("--signed-on", metavar="YYYY-MM-DD")
    withdraw.add_argument("--received-on", metavar="YYYY-MM-DD", help=_("else today"))
    withdraw.add_argument("--note", metavar="TEXT", default="")
    command(withdraw)


def _destroy(words: Subcommands) -> None:
    actions = words_of(words, "destroy", _("Lists of what is destroyed, given back or told"))
    opened = why(_samples(word(actions, "open", _("Open a list"))))
    opened.add_argument(
        "--reason", choices=("refused", "overdue", "nonconformity", "expired", "other"), required=True
    )
    opened.add_argument("--action", dest="what", choices=("destroy", "return"), default="destroy")
    done = _samples(_number(word(actions, "done", _("Record that samples were destroyed, or people told"))))
    done.add_argument("--note", metavar="TEXT", default="")
    why(_samples(_number(word(actions, "undo", _("Take that back while nobody has witnessed it")))))
    _samples(_number(word(actions, "witness", _("Sign for having seen it, as a second person"))))
    drop = why(_number(word(actions, "drop", _("Take a sample off a list"))))
    _one(drop)
    command(_number(word(actions, "close", _("Close a list of which every line is done and seen"))))
    word(actions, "list", _("List the lists"))
    _number(word(actions, "show", _("Show a list")))
    _to_file(_number(word(actions, "certificate", _("Write the certificate of a closed list as PDF"))))
    notices = _number(word(actions, "notices", _("Write a letter to each recipient on a list, all or none")))
    _to_folder(notices)
    notices.add_argument("--language", choices=LANGUAGES, help=_("of the letters; else the terminal's"))


def _erase(words: Subcommands) -> None:
    erase = why(word(words, "erase", _("Erase a donor for good: register, keys, ages")))
    _one(erase)


def _gap(words: Subcommands) -> None:
    actions = words_of(words, "gap", _("What a restore may have left out"))
    word(actions, "show", _("Show since when something may be missing, and who has signed"))
    sign = word(actions, "sign", _("Sign that the time of the gap was gone through"))
    sign.add_argument("--note", metavar="TEXT", required=True, help=_("what was compared and found"))
    command(sign)
