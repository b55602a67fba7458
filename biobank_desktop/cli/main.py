"""The command line of the program: ``biobank COMMAND``."""

from __future__ import annotations

import os
import sys
import traceback
from importlib import import_module
from typing import TYPE_CHECKING

from biobank_desktop import language
from biobank_desktop.cli.arguments import parse
from biobank_desktop.cli.contract import Answer, Exit, UsageError, failure, tell
from biobank_desktop.cli.telling import told
from biobank_desktop.domain.problems import IntegrityBroken, Problem, Rejected, Unavailable
from biobank_desktop.settings import read_settings

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one command and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in words
    try:
        language.choose(_language())
        answer = _run(parse(words))
    except (Rejected, UsageError, Unavailable, IntegrityBroken) as error:
        answer = failure(error)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # whoever called it must be told by the contract
        traceback.print_exc()
        problem = Problem("", "program-error", {"said": f"{type(error).__name__}: {error}"})
        answer = Answer({}, problems=(tell(problem),), exit=Exit.UNAVAILABLE)
    _print(answer, as_json=as_json)
    told()
    return int(answer.exit)


def _run(options: Namespace) -> Answer:
    # Only the command's own module is imported: help costs no database, a search no label printer.
    subject = import_module(f"biobank_desktop.cli.{options.subject.replace('-', '_')}")
    answer: Answer = subject.run(options)
    return answer


def _language() -> str:
    """BIOBANK_LANGUAGE, this computer's setting, or the language of the terminal; English else."""
    for wanted in (os.environ.get("BIOBANK_LANGUAGE"), _kept_language()):
        if wanted in language.LANGUAGES:
            return wanted
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "nl" if next(filter(None, names), "").startswith("nl") else "en"


def _kept_language() -> str:
    """The language of this computer; settings that cannot be read are told by the command that needs them."""
    try:
        return read_settings().language
    except Rejected:
        return "system"


def _print(answer: Answer, *, as_json: bool) -> None:
    stream = sys.stdout if as_json or answer.exit is Exit.DONE else sys.stderr
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(**({"encoding": "utf-8"} if as_json else {"errors": "replace"}))
    try:
        print(answer.as_json() if as_json else answer.as_text(), file=stream)
        stream.flush()
    except BrokenPipeError:  # the reader had enough: `biobank history | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
