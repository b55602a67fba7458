"""The words of the storage as a whole: what stands in what, as it was, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli.parsing import command, count, file, why, word, words_of
from biobank_desktop.domain.space import STRATEGIES
from biobank_desktop.language import _

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from biobank_desktop.cli.parsing import Subcommands


def storage(words: Subcommands) -> None:
    """Add them."""
    actions = words_of(
        words, "storage", _("The storage as a whole: its tree, what is moved in it, as it was, on paper")
    )
    word(actions, "kinds", _("List the kinds of containers"))
    tree = word(actions, "tree", _("Show what stands in what, and how full each is"))
    tree.add_argument("code", metavar="CODE", nargs="?")
    tree.add_argument("--depth", metavar="N", type=count, help=_("only so many levels; else all"))
    as_of = word(actions, "as-of", _("Show a container as it was at a moment, and what has changed since"))
    as_of.add_argument("moment", metavar="MOMENT", help=_("ISO 8601 with offset: 2026-11-03T14:05+01:00"))
    as_of.add_argument("code", metavar="CODE", nargs="?", help=_("else the whole storage"))
    kit = word(actions, "kit", _("Write the recovery kit of a device as PDF"))
    kit.add_argument("device", metavar="CODE")
    kit.add_argument("--to", metavar="FILE", required=True, help=_("the PDF file to write"))
    walk = word(actions, "walk", _("List vials in the order of walking, with boxes to tick"))
    walk.add_argument("vials", metavar="CODE", nargs="*")
    walk.add_argument("--file", metavar="FILE", help=_("rows in JSON, each a code and where it goes"))
    walk.add_argument("--title", metavar="TEXT", default="", help=_("what the walk is for"))
    walk.add_argument("--to", metavar="FILE", help=_("also write it as PDF"))
    _moving(actions)
    _keeping_order(actions)
    _rules(actions)


def _how(parser: ArgumentParser) -> None:
    command(parser)
    parser.add_argument("--why", metavar="TEXT", default="", help=_("the reason, kept in the history"))


def _cold(parser: ArgumentParser) -> None:
    parser.add_argument("--out-at", metavar="MOMENT", help=_("since when it had been out of the cold"))
    parser.add_argument(
        "--even-warmer", action="store_true", help=_("also to where it is warmer than allowed; needs --why")
    )


def _of(actions: Subcommands, name: str, help_text: str) -> ArgumentParser:
    parser = word(actions, name, help_text)
    parser.add_argument("code", metavar="CODE")
    return parser


def _moving(actions: Subcommands) -> None:
    space = word(actions, "find-space", _("Find the next free positions for vials of a material"))
    space.add_argument("--material", metavar="CODE", required=True, help=_("what is to be placed"))
    space.add_argument("--count", metavar="N", type=count, default=1, help=_("how many (1)"))
    space.add_argument("--strategy", choices=STRATEGIES, default=STRATEGIES[0], help=_("which boxes first"))
    space.add_argument("--donor", metavar="CODE", default="", help=_("whose siblings"))
    space.add_argument("--inside", metavar="CODE", default="", help=_("only in this container"))
    move = word(actions, "move", _("Move vials, boxes, racks or a device, all or none"))
    move.add_argument("items", metavar="CODE", nargs="+")
    move.add_argument("--to", metavar="CONTAINER", required=True, help=_("where they go"))
    move.add_argument("--at", metavar="POSITION", default="", help=_("of the first; else the next free one"))
    _how(move)
    _cold(move)
    swap = word(actions, "swap", _("Let two things change places"))
    swap.add_argument("one", metavar="CODE")
    swap.add_argument("other", metavar="CODE")
    command(swap)
    load = word(actions, "load", _("Lay everything where a list says: code and place, line by line"))
    load.add_argument("file", metavar="FILE")
    load.add_argument(
        "--box", metavar="CODE", default="", help=_("the box, where the list has positions only")
    )
    _how(load)
    empty = _of(actions, "empty", _("Plan how a container is emptied into others; with --do also do it"))
    empty.add_argument("--into", metavar="CODE", nargs="+", required=True, help=_("where everything goes"))
    empty.add_argument("--do", action="store_true", help=_("carry the plan out"))
    _how(empty)
    _cold(empty)
    undo = word(actions, "undo", _("Take back a move, a swap or a list, while nothing has followed"))
    undo.add_argument("of_command", metavar="UUID")
    command(undo)


def _keeping_order(actions: Subcommands) -> None:
    reserve = _of(actions, "reserve", _("Keep positions free for you"))
    reserve.add_argument("positions", metavar="POSITION", nargs="*")
    reserve.add_argument("--count", metavar="N", type=count, default=0, help=_("the next free ones instead"))
    reserve.add_argument("--what", metavar="TEXT", required=True, help=_("what for"))
    reserve.add_argument("--days", metavar="N", type=count, default=7, help=_("for how many days (7)"))
    command(reserve)
    back = _of(actions, "give-back", _("End reservations; without positions all of the container"))
    back.add_argument("positions", metavar="POSITION", nargs="*")
    command(back)
    command(why(_of(actions, "spill", _("Mark a box as spilled: no position in it is certain"))))
    rescan = _of(actions, "rescan", _("Say where a vial of a spilled box lies"))
    rescan.add_argument("sample", metavar="VIAL")
    rescan.add_argument("--at", metavar="POSITION", default="", help=_("else the next one not scanned yet"))
    command(rescan)
    command(_of(actions, "tidy", _("Say that a spilled box is in order again")))
    command(why(_of(actions, "down", _("Take a container out of service"))))
    command(_of(actions, "up", _("Put a container into service again")))


def _rules(actions: Subcommands) -> None:
    rule = _of(actions, "rule", _("Say which materials may lie in a container and everything in it"))
    which = rule.add_mutually_exclusive_group(required=True)
    which.add_argument("--materials", metavar="CODE", nargs="+", help=_("these only"))
    which.add_argument("--all", action="store_true", help=_("those that the rules around it allow"))
    _how(rule)
    file(word(actions, "add-kind", _("Make a kind of container")))
    change = word(actions, "change-kind", _("Change the rules or the labels of a kind of container"))
    file(change)
    why(change)
