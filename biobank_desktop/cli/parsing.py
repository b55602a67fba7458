"""What all words of the command line share: the parser, and options that many of them have."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NoReturn

from biobank_desktop.cli.contract import UsageError
from biobank_desktop.domain.problems import Problem
from biobank_desktop.language import _


class Parser(argparse.ArgumentParser):
    """A parser whose errors are ours."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse would print."""
        raise UsageError(Problem("", "usage", {"said": message, "usage": self.format_usage().strip()}))


if TYPE_CHECKING:
    Subcommands = argparse._SubParsersAction[Parser]  # noqa: SLF001 - argparse names it nowhere else


def common(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
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
    as_json(parser, top=top)


def as_json(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """How it answers."""
    parser.add_argument(
        "--json", action="store_true", default=False if top else argparse.SUPPRESS, help=_("answer in JSON")
    )


def word(words: Subcommands, name: str, help_text: str) -> argparse.ArgumentParser:
    """A word with its help."""
    parser = words.add_parser(name, help=help_text, description=help_text)
    common(parser)
    return parser


def words_of(words: Subcommands, name: str, help_text: str) -> Subcommands:
    """A word with words of its own."""
    parser = words.add_parser(name, help=help_text, description=help_text)
    return parser.add_subparsers(dest="action", required=True, metavar="ACTION", parser_class=Parser)


def file(parser: argparse.ArgumentParser) -> None:
    """The input file of a word."""
    parser.add_argument("file", metavar="FILE", help=_("input file in JSON; - reads stdin"))


def command(parser: argparse.ArgumentParser) -> None:
    """The id of the command."""
    parser.add_argument(
        "--command", metavar="UUID", help=_("id of this command: the same one again does nothing twice")
    )


def count(text: str) -> int:
    """A number of things. Raises ``ValueError``."""
    count = int(text)
    if not 1 <= count <= 10_000:
        raise ValueError(text)
    return count


def why(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The reason, which must be given."""
    parser.add_argument("--why", required=True, metavar="TEXT", help=_("the reason, kept in the history"))
    return parser
