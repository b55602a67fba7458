"""Every text of the program stands in both catalogues, with the same placeholders."""

from __future__ import annotations

import ast
import re
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages import pofile

from biobank_desktop.domain.people import ROLES

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted((ROOT / "biobank_desktop").rglob("*.py"))
LANGUAGES = ("en", "nl")
STEPS = {"age-band", "age-policy", "answered", "answered-alone", "died", "no-objection", "rule", "withdrew"}
"""What a derivation says on its way to a verdict: no reason by itself."""


@cache
def catalogue(language: str) -> dict[str, str]:
    """The entries of a catalogue, plural forms joined."""
    path = ROOT / "resources/locale" / language / "LC_MESSAGES/biobank.po"
    with path.open("rb") as stream:
        return {
            message.id if isinstance(message.id, str) else message.id[0]: (
                message.string if isinstance(message.string, str) else "\n".join(message.string or ())
            )
            for message in pofile.read_po(stream)
            if message.id
        }


def calls(*names: str) -> list[tuple[Path, ast.Call]]:
    """Every call of functions with these names in the program."""
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                if called in names:
                    found.append((path, node))
    return found


def texts() -> set[str]:
    """Every text in ``_("…")`` and ``ngettext("…", "…", n)``."""
    return {
        node.args[0].value
        for _path, node in calls("_", "ngettext")
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }


def problem_codes() -> set[str]:
    """The codes of all problems that are named where they are made."""
    return {
        node.args[1].value
        for _path, node in calls("Problem")
        if len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    }


def command_kinds() -> set[str]:
    """The kinds of all commands."""
    named = {
        node.args[1].value
        for _path, node in calls("command")
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    }
    direct = {
        node.args[0].value
        for _path, node in calls("Command")
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }
    return {str(kind) for kind in named | direct}


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {name for _literal, name, _spec, _conversion in string.Formatter().parse(text) if name}


def test_every_text_has_a_dutch_one() -> None:
    missing = sorted(text for text in texts() if not catalogue("nl").get(text))
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_its_sentence(language: str) -> None:
    missing = sorted(code for code in problem_codes() if not catalogue(language).get(f"problem.{code}"))
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_its_line_in_the_history(language: str) -> None:
    missing = sorted(kind for kind in command_kinds() if not catalogue(language).get(f"event.{kind}"))
    assert not missing


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_role_has_its_word(language: str) -> None:
    assert not [role for role in ROLES if not catalogue(language).get(f"role.{role}")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_the_gate_can_be_a_problem_too(language: str) -> None:
    known = catalogue(language)
    reasons = {text.removeprefix("reason.") for text in known if text.startswith("reason.")} - STEPS
    assert not sorted(code for code in reasons if not known.get(f"problem.consent-{code}"))


def test_codes_stand_in_both_catalogues() -> None:
    english, dutch = (
        {text for text in catalogue(language) if re.fullmatch(r"[a-z]+\.[a-z0-9_-]+", text)}
        for language in LANGUAGES
    )
    assert english == dutch


def test_placeholders_are_the_same() -> None:
    english, dutch = catalogue("en"), catalogue("nl")
    wrong = [
        text
        for text, translated in dutch.items()
        if placeholders(translated) != placeholders(english.get(text, text)) and "\n" not in translated
    ]
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_the_gate_has_its_sentence_as_a_reason_and_as_a_problem(language: str) -> None:
    codes = {
        str(node.args[0].value)
        for _path, node in calls("Ground", "Reason")
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert len(codes) > 10
    texts_of = [f"{group}{code}" for code in codes for group in ("reason.", "problem.consent-")]
    assert not [text for text in sorted(texts_of) if not catalogue(language).get(text)]
