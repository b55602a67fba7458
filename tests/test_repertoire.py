"""The repertoire is all there is: a new command is cut, raced and killed like the others, or says why not."""

from __future__ import annotations

from biobank_desktop.persistence.pins import RESTORED
from tests.soak import cuts
from tests.support.repertoire import NOT_ON_STAGE, REPERTOIRE
from tests.test_catalogues import command_kinds


def test_every_command_of_the_program_is_in_the_repertoire() -> None:
    not_written_as_words = {RESTORED}
    assert REPERTOIRE.keys() | NOT_ON_STAGE.keys() == command_kinds() | not_written_as_words
    assert not REPERTOIRE.keys() & NOT_ON_STAGE.keys()


def test_every_command_of_the_repertoire_is_cut() -> None:
    assert {kind for day in cuts.DAYS for kind in day} == {*REPERTOIRE, cuts.SEALING}
