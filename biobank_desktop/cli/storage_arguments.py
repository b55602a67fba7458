"""The words of the storage as a whole: what stands in what, as it was, on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from biobank_desktop.cli.parsing import count, word, words_of
from biobank_desktop.language import _

if TYPE_CHECKING:
    from biobank_desktop.cli.parsing import Subcommands


def storage(words: Subcommands) -> None:
    """Add them."""
    actions = words_of(words, "storage", _("The storage as a whole: its tree, as it was, on paper"))
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
