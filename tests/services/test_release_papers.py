"""The papers of a real release on real databases: proofs that strangers check, the note that names them."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from biobank_desktop import language
from biobank_desktop.domain import codes
from biobank_desktop.domain.commands import Command
from biobank_desktop.domain.problems import NotFound, Problem, Rejected, Unavailable
from biobank_desktop.domain.use import UseForm
from biobank_desktop.language import say
from biobank_desktop.papers.release_note import release_note_pdf
from biobank_desktop.papers.signing import fingerprint, public_key, verify
from biobank_desktop.persistence.queries import history, samples
from biobank_desktop.persistence.seals import extend, seal
from biobank_desktop.persistence.steps import complete
from biobank_desktop.persistence.store import Store
from biobank_desktop.services import corrections, placing, releases, use
from biobank_desktop.services.erasure import erase_donor
from biobank_desktop.services.proof_keys import fingerprints, make_sure_of_key, signing_key
from biobank_desktop.services.proofs import MOST_EVENTS, proof_of, signed_proof
from biobank_desktop.services.release_papers import note_of, write_papers
from biobank_desktop.services.verification import WholeVerification
from tests.papers.test_letters import pages
from tests.support import canaries
from tests.support.lab import ANNA, add_boxes
from tests.support.leaving import STUDY, Kept, birthdays, kept, signed, withdraw
from tests.support.reading import codes_in_pdf

if TYPE_CHECKING:
    from biobank_desktop.domain.people import Actor
    from biobank_desktop.domain.proofs import Proof
    from biobank_desktop.persistence.work import Work
    from tests.support.lab import Boxes

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def english() -> None:
    language.choose("en")


@pytest.fixture
def boxes(store: Store) -> Boxes:
    return add_boxes(store)


@pytest.fixture
def here(store: Store, actor: Actor, boxes: Boxes) -> Kept:
    return kept(store, actor, boxes.plasma)


def _issued(store: Store, actor: Actor, *vials: str, seals: bool = True) -> int:
    """The number of a release that these vials left with."""
    no = releases.open_release(store, actor, STUDY)
    assert releases.choose(store, actor, no, vials).chosen == vials
    releases.issue(store, ANNA, no)
    if seals:
        seal(store)
    return no


def _proof(store: Store, no: int, vial: str) -> Proof:
    with store.read() as connection:
        return proof_of(connection, no, vial)


def _code(refused: pytest.ExceptionInfo[Rejected]) -> list[str]:
    return [problem.code for problem in refused.value.problems]


def test_a_proof_is_checked_by_somebody_without_the_database(
    store: Store, actor: Actor, here: Kept, tmp_path: Path
) -> None:
    no = _issued(store, actor, *here.vials)
    page = tmp_path / "proof.pdf"
    page.write_bytes(signed_proof(store, no, here.vials[1]))
    with store.read() as connection:
        (key,) = fingerprints(connection)
    ran = subprocess.run(
        [sys.executable, "-m", "biobank_desktop.cli", "--json", "verify-proof", str(page), "--key", key.text],
        capture_output=True, cwd=ROOT, check=False, env={"HOME": str(tmp_path), "PATH": ""},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)["result"]
    assert said["whole_page"]
    assert said["proof"] == _proof(store, no, here.vials[1]).as_mapping()


def test_it_says_where_the_vial_comes_from_and_why_it_might_leave(
    store: Store, actor: Actor, here: Kept
) -> None:
    no = _issued(store, actor, *here.vials)
    proof = _proof(store, no, here.vials[0])
    vial, consent_said = proof.provenance, proof.consent
    assert (vial.donor, vial.tube, vial.vial, vial.kind) == (
        here.donor,
        here.tube,
        here.vials[0],
        "derivative",
    )
    assert (vial.material, vial.source, vial.time_point) == ("PL1", "BMA", "DX")
    assert [stay.temperature for stay in vial.stays] == ["-80"]
    assert vial.frozen_at == vial.stays[0].since
    with store.read() as connection:
        row = samples.sample(connection, codes.number(here.vials[0]))
    assert row is not None
    assert (proof.sprec.code, proof.sprec.version) == (row.sprec, row.sprec_version)
    assert (proof.amount.volume_ul, proof.amount.cells) == (500, None)
    said = {one.item: one.value for one in proof.brisq}
    assert said["specimen-type"] == "plasma (SPREC PL1)"
    assert (said["anatomical-site"], said["disease-status"]) == ("bone marrow", "Diagnosis")
    assert (said["collection-mechanism"], said["stabilisation"]) == (
        "left over after diagnostics",
        "Sodium heparin",
    )
    assert (said["storage-temperature"], said["shipping-temperature"]) == ("−80 °C", "dry ice")
    assert said["storage-duration"] == "0 days"
    assert [said[item] for item in ("vital-state", "clinical-diagnosis", "composition")] == [None] * 3
    assert (consent_said.purposes, consent_said.verdict) == (("use-a2g", "share-eu"), "permitted")
    parents = [f"{parent}, 2 Nov 2026: yes to" for parent in ("mother", "father")]
    items = ("store residual material", "use in ALLTogether1 studies", "share inside the EEA")
    assert consent_said.steps == (
        "Who decides at this age: under 12, the parents.",
        *(f"{said} {item}." for item in items for said in parents),
    )
    to = proof.release
    assert (to.number, to.recipient, to.country) == (f"R-2026-{no:04}", STUDY.institution, "Sweden")


def test_the_seal_covers_the_events_that_it_names(store: Store, actor: Actor, here: Kept) -> None:
    no = _issued(store, actor, here.vials[0])
    written = _proof(store, no, here.vials[0]).history
    with store.read() as connection:
        log = connection.execute(
            text("SELECT e.hash FROM log l JOIN event e ON e.id = l.event_id ORDER BY l.pos")
        )
        hashes = [bytes(row.hash) for row in log]
        issuing = [one.id for one in history.of_objects(connection, [codes.number(here.vials[0])])][-1]
        newest = history.hashes(connection, [issuing])[0].hex()
    root = extend(bytes(32), hashes[: written.seal_size])
    assert root.hex() == written.seal_root
    assert set(written.events) <= {one.hex() for one in hashes[: written.seal_size]}
    assert written.events[-1] == newest


def test_what_happens_later_changes_no_byte(store: Store, actor: Actor, boxes: Boxes, here: Kept) -> None:
    vial = here.vials[0]
    no = _issued(store, actor, vial)
    before = signed_proof(store, no, vial)
    use.turned_up(store, actor, vial, "sent back unopened")
    placing.place(store, actor, boxes.plasma, vial)
    use.use(store, actor, UseForm(vial, "use-a2g", "assay", ul=100))
    seal(store)
    again = _issued(store, actor, vial)
    withdraw(store, actor, here.donor, "W2")
    seal(store)
    assert signed_proof(store, no, vial) == before
    assert _proof(store, no, vial).amount.volume_ul == 500
    assert _proof(store, again, vial).amount.volume_ul == 400
    assert len(_proof(store, again, vial).provenance.stays) == 2


def test_a_proof_waits_for_its_seal_and_for_its_release(store: Store, actor: Actor, here: Kept) -> None:
    no = _issued(store, actor, here.vials[0], seals=False)
    with pytest.raises(Rejected) as refused:
        signed_proof(store, no, here.vials[0])
    assert _code(refused) == ["proof-not-sealed"]
    seal(store)
    assert signed_proof(store, no, here.vials[0])
    with pytest.raises(Rejected) as refused:
        signed_proof(store, no, here.vials[1])
    assert _code(refused) == ["not-in-this-release"]
    still_open = releases.open_release(store, actor, STUDY)
    for asked, said in ((still_open, "release-not-issued"), (99, "release-unknown")):
        with pytest.raises(Rejected) as refused, store.read() as connection:
            note_of(connection, asked)
        assert _code(refused) == [said]
    with pytest.raises(NotFound):
        signed_proof(store, no, "PM26000000")


def test_an_erased_donor_s_proof_says_what_was_kept(
    store: Store, actor: Actor, here: Kept, tmp_path: Path
) -> None:
    no = _issued(store, actor, *here.vials)
    full = _proof(store, no, here.vials[0])
    use.report_broken(store, actor, here.tube, "dropped")
    erase_donor(store, signed(), here.donor, "the family asked", tmp_path, None)
    seal(store)
    told = _proof(store, no, here.vials[0])
    assert told == replace(full, consent=replace(full.consent, steps=()))
    assert verify(signed_proof(store, no, here.vials[0])).proof == told


def test_vials_of_two_tubes_of_a_donor_leave_on_one_word(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    later = kept(store, actor, boxes.plasma, 1, here.donor, time_point="D15")
    no = _issued(store, actor, here.vials[0], later.vials[0])
    first, second = (_proof(store, no, vial) for vial in (here.vials[0], later.vials[0]))
    assert (first.provenance.tube, second.provenance.tube) == (here.tube, later.tube)
    assert first.consent == second.consent
    assert {one.value for one in second.brisq if one.item == "disease-status"} == {"Day 15"}


def test_more_events_than_have_room(store: Store, actor: Actor, here: Kept) -> None:
    vial = here.vials[0]
    for _ in range(MOST_EVENTS // 2):
        use.check_out(store, actor, [vial], "looked at it")
        use.check_in(store, actor, [vial], thawed=False)
    no = _issued(store, actor, vial)
    written = _proof(store, no, vial).history.events
    with store.read() as connection:
        events = [one.id for one in history.of_objects(connection, [codes.number(vial)])]
        every = [one.hex() for one in history.hashes(connection, events)]
    assert len(every) > MOST_EVENTS == len(written)
    half = MOST_EVENTS // 2
    assert written == (*every[:half], *every[-half:])
    assert verify(signed_proof(store, no, vial)).proof.history.events == written


def test_what_was_found_to_be_of_another_donor_has_no_proof(
    store: Store, actor: Actor, boxes: Boxes, here: Kept
) -> None:
    other = kept(store, actor, boxes.plasma, 1)
    no = _issued(store, actor, here.vials[0])
    corrections.reattribute(store, actor, here.tube, other.donor, "the labels were swapped")
    seal(store)
    with pytest.raises(Rejected) as refused:
        signed_proof(store, no, here.vials[0])
    assert _code(refused) == ["proof-of-other-donor"]


def test_the_key_is_made_once_and_is_in_no_history(store: Store, actor: Actor, here: Kept) -> None:
    with store.read() as connection:
        assert fingerprints(connection) == []
        with pytest.raises(Rejected) as refused:
            signing_key(connection)
    assert _code(refused) == ["proof-without-key"]
    _issued(store, actor, here.vials[0])
    with store.read() as connection:
        (known,) = fingerprints(connection)
        private = signing_key(connection)
        events = [bytes(row.body) for row in connection.execute(text("SELECT body FROM event"))]
    assert fingerprint(public_key(private)) == known.text
    assert not [one for one in events if private.hex().encode() in one]
    assert [one for one in events if public_key(private).hex().encode() in one]
    _issued(store, actor, here.vials[1])
    with store.read() as connection:
        assert fingerprints(connection) == [known]
    assert WholeVerification(store).run() == []


def test_of_the_keys_of_two_benches_at_once_the_older_signs(postgres_store: Store, actor: Actor) -> None:
    vials = kept(postgres_store, actor, add_boxes(postgres_store).plasma).vials
    issued = []

    def slower(work: Work) -> dict[str, object]:
        make_sure_of_key(work)
        issued.append(_issued(Store(postgres_store.engine), actor, vials[0], seals=False))
        return {}

    postgres_store.run(Command("release-issued", "anna", "bench-1", {}), slower)
    seal(postgres_store)
    with postgres_store.read() as connection:
        older, younger = fingerprints(connection)
    assert older.since < younger.since
    assert verify(signed_proof(postgres_store, issued[0], vials[0])).fingerprint == older.text
    _issued(postgres_store, actor, vials[1])
    with postgres_store.read() as connection:
        assert fingerprints(connection) == [older, younger]
    assert WholeVerification(postgres_store).run() == []


def test_a_private_key_that_was_put_in_place_is_noticed(store: Store, actor: Actor, here: Kept) -> None:
    _issued(store, actor, here.vials[0])
    guard = "no_update" if store.is_sqlite else "append_only ON proof_secret"
    with store.engine.begin() as connection:
        connection.execute(text(f"DROP TRIGGER proof_secret_{guard}"))
        connection.execute(text("UPDATE proof_secret SET private = :other"), {"other": "ab" * 32})
    (found,) = [one for one in WholeVerification(store).run() if one.kind == "state"]
    assert found.stream == 0
    assert "private key of proofs" in found.why


def test_the_note_and_the_proofs_are_written_together(
    store: Store, actor: Actor, boxes: Boxes, here: Kept, tmp_path: Path
) -> None:
    refused = kept(store, actor, boxes.plasma, 1, released_at=None, released_by="")
    no = releases.open_release(store, actor, STUDY)
    releases.choose(store, actor, no, [*here.vials, *refused.vials])
    releases.issue(store, ANNA, no)
    seal(store)
    folder = tmp_path / "to" / "Solna"
    files = complete(write_papers(store, no, folder))
    assert sorted(folder.iterdir()) == sorted(files)
    *proofs, note_file = files
    with store.read() as connection:
        note = note_of(connection, no)
    assert release_note_pdf(note) == note_file.read_bytes()
    assert sorted(codes_in_pdf(note_file.read_bytes())) == sorted(here.vials)
    said = " ".join(pages(note_file.read_bytes()))
    for line, path in zip(note.lines, proofs, strict=True):
        content = path.read_bytes()
        assert path.name == f"{note.number}-{line.code}.pdf"
        assert line.proof == sha256(content).hexdigest()[:16]
        assert line.proof in said
        vial, symbol = sorted(codes_in_pdf(content), key=len)
        assert vial == line.code
        assert verify(symbol.encode()).proof == verify(content).proof == _proof(store, no, line.code)
    assert [line.position.rpartition(" / ")[2] for line in note.lines] == ["A1", "A2", "A3"]
    assert (note.released_by, note.recipient.country) == ("Anna de Wit", "Sweden")
    assert note.recipient.address == ("Karolinskavägen 37A", "171 76 Solna")
    (out,) = note.left_out
    assert out.code == refused.vials[0]
    assert out.reasons == (say(Problem("", "tube-not-released", {"tube": codes.group(refused.tube)})),)


def test_papers_that_are_stopped_or_refused_leave_nothing(
    store: Store, actor: Actor, here: Kept, tmp_path: Path
) -> None:
    no = _issued(store, actor, *here.vials)
    steps = write_papers(store, no, tmp_path / "stopped")
    seen = [next(steps) for _ in range(3)]
    assert [(one.done, one.total) for one in seen] == [(0, 4), (1, 4), (2, 4)]
    assert list((tmp_path / "stopped").iterdir()) != []
    steps.close()
    assert list((tmp_path / "stopped").iterdir()) == []
    (tmp_path / "refused").mkdir()
    (tmp_path / "refused" / f"R-2026-{no:04}.pdf").mkdir()  # a folder has the name of the note
    with pytest.raises(Unavailable) as refused:
        complete(write_papers(store, no, tmp_path / "refused"))
    assert (refused.value.problem.field, refused.value.problem.code) == ("to", "file-not-written")
    assert [path.name for path in (tmp_path / "refused").iterdir()] == [f"R-2026-{no:04}.pdf"]


@pytest.mark.parametrize("spoken", language.LANGUAGES)
def test_no_birthday_is_in_any_paper(
    store: Store, actor: Actor, here: Kept, spoken: str, tmp_path: Path
) -> None:
    language.choose(spoken)
    wanted = canaries.needles((), birthdays(store, here.donor))
    signed_on = canaries.needles((), [date(2026, 11, 2)])
    no = _issued(store, actor, *here.vials)
    *proofs, note = [path.read_bytes() for path in complete(write_papers(store, no, tmp_path))]
    for content in proofs:
        symbol = verify(max(codes_in_pdf(content), key=len).encode()).proof.as_bytes()
        for part in (content, symbol):
            assert canaries.hunt(part, wanted) == set()
        assert canaries.hunt(content, signed_on) != set(), "another day is found"
    assert canaries.hunt(note, wanted) == set()
