# ruff: noqa: E501 - a table of attacks reads best one to a line
"""Attacks by raw SQL on the guards of the later life: of use, quarantine, releases, endings and lists.

What stands in the lab before them is entered by ``tests.support.later_life``.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from tests.support.attacks import (
    FOUNDED,
    LAPSED,
    LEFT,
    NO,
    NOT_FILLED,
    Attack,
    decide,
    once,
    put,
    says,
    twice,
    vial,
)
from tests.support.copies import ATTACK, THEN, changing, copied
from tests.support.later_life import (
    AGREED,
    CANCELLED,
    CLOSED,
    ISSUED,
    MAIN,
    NO_PURPOSES,
    NO_USE,
    OTHER,
    TO_DESTROY,
    TO_NOTIFY,
    TO_RETURN,
    WORKED,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# fmt: off
BEFORE = "'2025-03-03T11:59:59.500Z'"
NEXT_HEAD = "UPDATE donor SET consent_head = 1 WHERE id = :donor"
STRANGE_ARCHIVE = "e" * 64
RESTORED = f"UPDATE setting SET value = '{{\"archive_sha256\": \"{STRANGE_ARCHIVE}\"}}' WHERE key = 'restore-gap-unsigned'"


def insert(table: str, **values: object) -> str:
    """Raw SQL that enters one row."""
    return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(str, values.values()))})"


def agree(*purposes: str, verdict: str = "permitted", head: int = 0, until: str = "NULL", by: str = ATTACK, donor: str = ":donor", received: str = THEN) -> tuple[str, ...]:
    """Raw SQL that decides about each purpose, of a release unless others are named."""
    return tuple(decide(verdict, purpose=purpose, head=head, until=until, by=by, donor=donor, received=received) for purpose in purposes or AGREED)


def end(item: str, kind: str, release: object = "NULL") -> str:
    """Raw SQL that ends a sample."""
    return insert("disposition", sample_id=item, kind=f"'{kind}'", at=THEN, release_no=release, note="''", stream_id=":donor", command_id=ATTACK)


def issue(item: str = ":chosen", release: int = MAIN) -> str:
    """Raw SQL that issues a sample."""
    return end(item, "issued", release)


def choose(item: str, release: int, state: str = "chosen") -> str:
    """Raw SQL that enters a line of a release."""
    return insert("release_line", release_no=release, sample_id=item, state=f"'{state}'", reasons="'[]'", stream_id=":donor", command_id=ATTACK)


def rechoose(release: int, state: str) -> str:
    """Raw SQL that changes a removed line."""
    return changing("release_line", "sample_id = :line_removed", release_no=release, state=f"'{state}'")


def consume(item: str = ":chosen", purpose: str = "use-a2g", ul: str = "1", cells: str = "NULL", no: int = 9, by: str = ATTACK) -> str:
    """Raw SQL that uses a sample in part."""
    return insert("consumption", sample_id=item, no=no, at=THEN, ul=ul, cells=cells, purpose=f"'{purpose}'", what="'x'", stream_id=":donor", command_id=by)


def reconsume(item: str = ":chosen", purpose: str = "use-a2g") -> str:
    """Raw SQL that makes a use one of another sample."""
    return changing("consumption", "sample_id = :used", sample_id=item, purpose=f"'{purpose}'", cells="NULL")


def hold(item: str, decision: str = "NULL", decided_by: str = "NULL") -> str:
    """Raw SQL that holds a sample back."""
    return insert("quarantine", nonconformity_no=1, sample_id=item, decision=decision, decided_by=decided_by, reason="''", stream_id=":donor", command_id=ATTACK)


def rule(item: str, decision: str, by: str) -> str:
    """Raw SQL that decides what becomes of what is held back."""
    return changing("quarantine", f"sample_id = {item}", decision=f"'{decision}'", decided_by=f"'{by}'")


def out(item: str) -> str:
    """Raw SQL that takes a sample out of its place for a while."""
    return insert("excursion", sample_id=item, no=9, out_at=THEN, thawed="true", why="''", stream_id=":donor", command_id=ATTACK)


def enlist(item: str, state: str = "open", no: int = WORKED, **values: object) -> str:
    """Raw SQL that enters a line of a list."""
    return insert("disposal_line", disposal_no=no, sample_id=item, action="'destroy'", state=f"'{state}'", place="''", note="''", stream_id=":donor", command_id=ATTACK, **values)


def work_off(item: str, by: str = "bo", **values: object) -> str:
    """Raw SQL that marks a line as done."""
    return changing("disposal_line", f"sample_id = {item}", state="'done'", done_by=f"'{by}'", done_at=THEN, **values)


def witness(item: str, by: str = "bo") -> str:
    """Raw SQL that marks a line as seen done."""
    return changing("disposal_line", f"sample_id = {item}", state="'witnessed'", witnessed_by=f"'{by}'", witnessed_at=THEN)


def close(no: int) -> str:
    """Raw SQL that closes a list."""
    return changing("disposal", f"no = {no}", state="'closed'", closed_at=THEN)


def sign(by: str, archive: str = STRANGE_ARCHIVE) -> str:
    """Raw SQL that signs the gap of a restore."""
    return insert("gap_signature", archive_sha256=f"'{archive}'", login=f"'{by}'", at=THEN, note="''", stream_id=0, command_id=ATTACK)


def _issues() -> Iterator[Attack]:
    """Each way past the gate of what leaves."""
    soon = "clock_timestamp() + interval '20 ms'"
    for name, decisions in (
        ("without a decision", ()),
        ("on a refusal", agree(verdict="refused")),
        ("on what is provisional", agree(verdict="provisional")),
        ("on what is provisional for one purpose", (*agree("share-eu"), *agree("use-a2g", verdict="provisional"))),
        ("on stale decisions", (NEXT_HEAD, *agree())),
        ("on decisions of a later head", agree(head=1)),
        ("on lapsed decisions", agree(until="'2025-03-04T00:00:00.000Z'")),
        ("on another donor's decisions", agree(donor=":other_donor")),
        ("on another command's decisions", agree(by=FOUNDED)),
        ("for one of two purposes", agree("use-a2g")),
        ("for the other of two purposes", agree("share-eu")),
        ("for another purpose", agree("use-other", "share-eu")),
        ("on decisions about an older tube", agree(received=BEFORE)),
        ("on decisions about no tube", agree(received="NULL")),
    ):
        yield Attack(f"issue {name}", (*decisions, issue()), NO, once("disposition_permitted"))
    for engine, moment in LAPSED.items():
        yield Attack(f"issue a moment after decisions lapsed ({engine})", (*agree(until=moment), issue()), NO, once("disposition_permitted"), engine="sqlite" if engine == "sqlite" else "postgresql")
    yield Attack("issue after decisions lapsed in the same transaction", (*agree(until=soon), "SELECT pg_sleep(0.05)", issue()), NO, once("disposition_permitted"), engine="postgresql")
    yield Attack("issue for a release without purposes", (issue(":for_nothing", NO_PURPOSES),), NO, once("disposition_permitted"))
    yield Attack("issue for a release without a use", (*agree("store"), issue(":for_no_use", NO_USE)), NO, once("disposition_permitted"))
    for name, item, release in (
        ("that was not chosen", ":unchosen", MAIN),
        ("chosen for another release", ":for_other", MAIN),
        ("that was refused", ":line_refused", MAIN),
        ("that was taken off", ":line_removed", MAIN),
        ("for a cancelled release", ":in_cancelled", CANCELLED),
        ("for a release that has gone", ":in_issued", ISSUED),
    ):
        yield Attack(f"issue what {name}", (*agree(), issue(item, release)), says("not-in-release"), once("disposition_chosen"))
    for item in (":planned_chosen", ":void_chosen", ":refused_tube"):
        yield Attack(f"issue {item[1:]}", (*agree(), issue(item)), NOT_FILLED, once("disposition_filled"))
    yield Attack("issue what diagnostics need", (*agree(), issue(":unreleased")), says("not-released-by-diagnostics"), once("disposition_released"))
    yield Attack("issue what diagnostics need again", ("UPDATE receipt SET released_at = NULL WHERE sample_id = :released", *agree(), issue()), says("not-released-by-diagnostics"), once("disposition_released"))
    for item in (":quarantined", ":condemned"):
        yield Attack(f"issue what is {item[1:]}", (*agree(), issue(item)), says("in-quarantine"), once("disposition_held"))
    yield Attack("use up what has just been held back", (*agree("use-a2g"), consume(), hold(":chosen"), end(":chosen", "used-up")), says("in-quarantine"), once("disposition_held"))
    yield Attack("issue after a restore that nobody signed", (RESTORED, *agree(), issue()), says("restore-gap-unsigned"), once("disposition_gap"))
    yield Attack("issue after a restore that one has signed", (RESTORED, sign("bo"), *agree(), issue()), says("restore-gap-unsigned"), once("disposition_gap"))
    yield Attack("issue after a restore of nobody knows what", ("UPDATE setting SET value = '{}' WHERE key = 'restore-gap-unsigned'", *agree(), issue()), says("restore-gap-unsigned"), once("disposition_gap"))
    yield Attack("issue what lies in a box", (*agree(), issue(":placed_chosen")), says("sample-in-place"), once("disposition_placed"))
    yield Attack("lose what lies in a box", (end(":placed", "lost"),), says("sample-in-place"), once("disposition_placed"))


def _uses() -> Iterator[Attack]:
    """Each way past the gate of what is used here, entered and changed."""
    for (made, operation), (name, decisions, purpose) in product(
        ((consume, "insert"), (reconsume, "update")),
        (
            ("without a decision", (), "use-a2g"),
            ("on a refusal", agree("use-a2g", verdict="refused"), "use-a2g"),
            ("on what is provisional", agree("use-a2g", verdict="provisional"), "use-a2g"),
            ("to keep it on a refusal", agree("store", verdict="refused"), "store"),
            ("on a stale decision", (NEXT_HEAD, *agree("use-a2g")), "use-a2g"),
            ("on a decision of a later head", agree("use-a2g", head=1), "use-a2g"),
            ("on a lapsed decision", agree("use-a2g", until="'2025-03-04T00:00:00.000Z'"), "use-a2g"),
            ("on another donor's decision", agree("use-a2g", donor=":other_donor"), "use-a2g"),
            ("on another command's decision", agree("use-a2g", by=FOUNDED), "use-a2g"),
            ("on a decision for another purpose", agree("use-other"), "use-a2g"),
            ("on a decision about an older tube", agree("use-a2g", received=BEFORE), "use-a2g"),
        ),
    ):
        yield Attack(f"{made.__name__} {name}", (*decisions, made(purpose=purpose)), NO, twice("consumption_permitted", operation))
    soon = "clock_timestamp() + interval '20 ms'"
    for made, operation in ((consume, "insert"), (reconsume, "update")):
        words = made.__name__
        for engine, moment in LAPSED.items():
            yield Attack(f"{words} a moment after it lapsed ({engine})", (*agree("use-a2g", until=moment), made()), NO, twice("consumption_permitted", operation), engine="sqlite" if engine == "sqlite" else "postgresql")
        yield Attack(f"{words} after it lapsed in the same transaction", (*agree("use-a2g", until=soon), "SELECT pg_sleep(0.05)", made()), NO, twice("consumption_permitted", operation), engine="postgresql")
        for item in (":planned_chosen", ":void_chosen", ":refused_tube"):
            yield Attack(f"{words} {item[1:]}", (*agree("use-a2g"), made(item)), NOT_FILLED, twice("consumption_filled", operation))
        yield Attack(f"{words} what is lost", (*agree("use-a2g"), made(":lost")), says("sample-gone"), twice("consumption_gone", operation))
        for item in (":quarantined", ":condemned"):
            yield Attack(f"{words} what is {item[1:]}", (*agree("use-a2g"), made(item)), says("in-quarantine"), twice("consumption_held", operation))


def _amounts() -> Iterator[Attack]:
    """One more than is left, of what vials and uses have taken: each refused by the sum of both."""
    used = twice("consumption_amounts", "insert")
    more = twice("consumption_amounts", "update")
    for name, statements, guards in (
        ("use what the vials have taken", (consume(":source", ul="800"),), used),
        ("use cells that the vials have taken", (consume(":source", ul="NULL", cells="600"),), used),
        ("use what other uses took", (consume(":tapped", ul="800"),), used),
        ("use cells that other uses took", (consume(":tapped", ul="NULL", cells="600"),), used),
        ("more is used than the vials left", (changing("consumption", "sample_id = :source", ul=801),), more),
        ("more cells are used than the vials left", (changing("consumption", "sample_id = :source", cells=601),), more),
        ("more is used than other uses left", (changing("consumption", "sample_id = :tapped AND no = 1", ul=900),), more),
        ("more cells are used than other uses left", (changing("consumption", "sample_id = :tapped AND no = 1", cells=800),), more),
    ):
        yield Attack(name, (*agree("use-a2g"), *statements), LEFT, guards)
    kin = {"parent_id": ":tapped"}
    entered = once("sample_amounts_insert")
    changed = once("sample_amounts_update")
    shrunk = ("sample_amounts_shrink",), ("sample_amounts_update",)
    yield Attack("a vial of what uses have taken", (vial(**kin, taken_ul=800),), LEFT, entered)
    yield Attack("a vial of cells that uses have taken", (vial(**kin, taken_cells=600),), LEFT, entered)
    yield Attack("a vial takes what uses have taken", ("UPDATE sample SET taken_ul = 801 WHERE id = :tapped_vial",), LEFT, changed)
    yield Attack("a vial takes cells that uses have taken", ("UPDATE sample SET taken_cells = 601 WHERE id = :tapped_vial",), LEFT, changed)
    yield Attack("a tube of less than was used", ("UPDATE sample SET volume_ul = 200 WHERE id = :tapped",), LEFT, shrunk)
    yield Attack("a tube of fewer cells than were used", ("UPDATE sample SET cells = 400 WHERE id = :tapped",), LEFT, shrunk)


def _standing() -> Iterator[Attack]:
    """What has gone or is held back stays where it is."""
    for made, operation in ((put, "insert"), (_moved, "update")):
        yield Attack(f"store what is lost by {operation}", (decide(), made(":lost")), says("sample-gone"), twice("placement_gone", operation))
        for item in (":quarantined", ":condemned"):
            yield Attack(f"store what is {item[1:]} by {operation}", (decide(), made(item)), says("in-quarantine"), twice("placement_held", operation))
    yield Attack("take out what is lost", (out(":lost"),), says("sample-gone"), once("excursion_gone"))
    for item in (":quarantined", ":condemned"):
        yield Attack(f"take out what is {item[1:]}", (out(item),), says("in-quarantine"), once("excursion_held"))


def _moved(item: str) -> str:
    return changing("placement", "item_id = :placed", item_id=item)


def _quarantines() -> Iterator[Attack]:
    yield Attack("decided before it is held back", (hold(":unchosen", "'accept'", "'bo'"),), says("decided-before"), once("quarantine_opened"))
    yield Attack("decided twice", (rule(":condemned", "accept", "bo"),), says("decided-before"), once("quarantine_decided"))
    yield Attack("decided in another's name", (rule(":quarantined", "accept", "cas"),), says("not-that-person"), once("quarantine_person"))


def _endings() -> Iterator[Attack]:
    yield Attack("used up without a use", (end(":unchosen", "used-up"),), says("nothing-consumed"), once("disposition_used"))
    yield Attack("used up by another command's use", (end(":used", "used-up"),), says("nothing-consumed"), once("disposition_used"))
    yield Attack("used up by the use of something else", (*agree("use-a2g"), consume(":chosen"), end(":unchosen", "used-up")), says("nothing-consumed"), once("disposition_used"))
    listed = says("not-on-a-list"), once("disposition_listed")
    for kind, line, other in (("destroyed", ":to_destroy", ":to_return"), ("returned", ":to_return", ":to_destroy")):
        yield Attack(f"{kind} on no list", (end(":unlisted", kind),), *listed)
        yield Attack(f"{kind} by another's line", (work_off(line), end(":unlisted", kind)), *listed)
        yield Attack(f"{kind} by a line that is not done", (end(line, kind),), *listed)
        yield Attack(f"{kind} by a line just left out", (changing("disposal_line", f"sample_id = {line}", state="'dropped'"), end(line, kind)), *listed)
        yield Attack(f"{kind} by the other action", (work_off(other), end(other, kind)), *listed)
        yield Attack(f"{kind} after telling somebody", (work_off(":to_notify"), end(":to_notify", kind)), *listed)
        yield Attack(f"{kind} by another command's line", (end(f":not_{kind}", kind),), *listed)
        yield Attack(f"take back what was seen {kind}", (f"DELETE FROM disposition WHERE sample_id = :seen_{kind}",), says("witnessed-is-final"), once("disposition_final"))
    yield Attack("end otherwise", (changing("disposition", "sample_id = :lost", kind="'broken'"),), says("append-only"), once("disposition_changed"))


def _releases() -> Iterator[Attack]:
    for state in ("issued", "cancelled"):
        given = {"state": f"'{state}'", "issued_at": THEN if state == "issued" else "NULL"}
        yield Attack(f"a release begins {state}", (copied("release", **given),), says("release-is-closed"), once("release_opened"))
    for no in (CANCELLED, ISSUED):
        yield Attack(f"change release {no}", (changing("release", f"no = {no}", note="'x'"),), says("release-is-closed"), once("release_closed"))
        yield Attack(f"choose for release {no}", (choose(":unchosen", no),), says("release-is-closed"), twice("release_line_chosen", "insert"))
        yield Attack(f"choose again for release {no}", (rechoose(no, "chosen"),), says("release-is-closed"), twice("release_line_chosen", "update"))
    for name, item, no in (("what never was", ":unchosen", MAIN), ("what was for another release", ":issued", OTHER)):
        yield Attack(f"a line issues {name}", (choose(item, no, "issued"),), says("not-issued"), twice("release_line_issued", "insert"))
        moved = changing("release_line", "sample_id = :line_removed", sample_id=item, release_no=no, state="'issued'")
        yield Attack(f"a line becomes issued of {name}", (moved,), says("not-issued"), twice("release_line_issued", "update"))
    yield Attack("take off what is issued", (changing("release_line", "sample_id = :issued", state="'removed'"),), says("release-is-closed"), once("release_line_closed"))


def _lists() -> Iterator[Attack]:
    yield Attack("open a closed list", (changing("disposal", f"no = {CLOSED}", state="'open'", closed_at="NULL"),), says("list-is-closed"), once("disposal_closed"))
    for no in (TO_DESTROY, TO_RETURN, TO_NOTIFY):
        yield Attack(f"close list {no} before it is done", (close(no),), says("list-not-done"), once("disposal_done"))
    seen = {"witnessed_by": "'cas'", "witnessed_at": THEN}
    done = {"done_by": "'bo'", "done_at": THEN}
    for state, values in (("done", done), ("witnessed", done | seen), ("dropped", {})):
        yield Attack(f"a line begins {state}", (enlist(":unlisted", state, WORKED, **values),), says("line-is-closed"), once("disposal_line_opened"))
    yield Attack("a line more on a closed list", (enlist(":unlisted", no=CLOSED),), says("list-is-closed"), twice("disposal_line_listed", "insert"))
    yield Attack("a line of a closed list", (changing("disposal_line", "sample_id = :told_closed", note="'x'"),), says("list-is-closed"), twice("disposal_line_listed", "update"))
    for item in (":seen_destroyed", ":dropped"):
        yield Attack(f"change the line of {item[1:]}", (changing("disposal_line", f"sample_id = {item}", note="'x'"),), says("line-is-closed"), once("disposal_line_closed"))
    person = says("not-that-person")
    yield Attack("done in another's name", (work_off(":to_destroy", "cas"),), person, once("disposal_line_done_by"))
    yield Attack("done by another after all", (work_off(":own_destroyed", "cas"),), person, once("disposal_line_done_by"))
    yield Attack("seen in another's name", (witness(":own_destroyed", "cas"),), person, once("disposal_line_witness"))
    for item in (":not_destroyed", ":not_returned", ":lost", ":broken", ":used_up", ":issued"):
        yield Attack(f"see done what is {item[1:]}", (witness(item),), says("not-taken-away"), once("disposal_line_taken"))


def _persons() -> Iterator[Attack]:
    yield Attack("sign in another's name", (sign("cas"),), says("not-that-person"), once("gap_signature_person"))
    yield Attack("ages of somebody erased", (copied("donor_age", donor_id=":erased"),), says("donor-erased"), twice("donor_age_erased", "insert"))
    yield Attack("ages become those of somebody erased", ("UPDATE donor_age SET donor_id = :erased WHERE donor_id = :donor",), says("donor-erased"), twice("donor_age_erased", "update"))
    yield Attack("erased and the ages kept", (copied("erasure", donor_id=":donor"),), says("ages-not-erased"), once("erasure_whole"))
    made = {"kind": "'derivative'", "material": "'DNA'", "parent_id": ":chosen", "parent_material": "'CEL'"}
    other = says("origin-not-its-tube")
    yield Attack("DNA of another tube", (vial(**made, origin_id=":extra_tube"),), other, twice("sample_origin", "insert"))
    yield Attack("a vial comes from another tube", ("UPDATE sample SET origin_id = :extra_tube WHERE id = :unreleased",), other, twice("sample_origin", "update"))
    yield Attack("a tube comes from another tube", ("UPDATE sample SET origin_id = :extra_tube WHERE id = :tube",), other, twice("sample_origin", "update"))


def _only_once() -> Iterator[Attack]:
    """What only one row may say of a sample at a time."""
    yield Attack("out twice", (out(":used"), copied("excursion", "no = 9", no="10")), ("excursion.sample_id", "uq_excursion_out"), breaks="uq_excursion_out")
    yield Attack("chosen for two releases", (choose(":chosen", OTHER),), ("release_line.sample_id", "uq_release_line_chosen"), breaks="uq_release_line_chosen")
    for item in (":to_destroy", ":not_destroyed"):
        yield Attack(f"{item[1:]} on two lists", (enlist(item, no=TO_NOTIFY),), ("disposal_line.sample_id", "uq_disposal_line_open"), breaks="uq_disposal_line_open")
    yield Attack("two persons who are one", (witness(":own_destroyed"),), ("ck_disposal_line_two_persons",) * 2, breaks="ck_disposal_line_two_persons")


LATER = [*_issues(), *_uses(), *_amounts(), *_standing(), *_quarantines(), *_endings(), *_releases(), *_lists(), *_persons(), *_only_once()]

STORIES = {
    "a vial is issued, and its release with it": (*agree(until="'2999-01-01T00:00:00.000Z'"), issue(), changing("release_line", "sample_id = :chosen", state="'issued'"), changing("release", f"no = {MAIN}", state="'issued'", issued_at=THEN)),
    "a vial for one purpose": (*agree("use-other"), issue(":for_other", OTHER)),
    "an extra tube's vial needs no release by diagnostics": (*agree(), issue(":extra_vial")),
    "what was accepted is issued": (*agree(), issue(":accepted")),
    "diagnostics release a tube": (f"UPDATE receipt SET released_at = {THEN} WHERE sample_id = :tube", *agree(), issue(":unreleased")),
    "somebody gives a vial to a release and takes it off": (choose(":unchosen", OTHER), changing("release_line", "sample_id = :unchosen", state="'removed'"), changing("release_line", "sample_id = :unchosen", state="'chosen'")),
    "an issued vial turns up": ("DELETE FROM disposition WHERE sample_id = :issued",),
    "a vial is used in part, then up": (*agree("use-a2g"), consume(), end(":chosen", "used-up")),
    "what is kept is tried": (*agree("store", verdict="provisional"), consume(purpose="store")),
    "all that is left is used": (*agree("use-a2g"), consume(":tapped", ul="799", cells="599")),
    "a use is taken back": ("DELETE FROM consumption WHERE sample_id = :used",),
    "a vial is taken out and put back": (out(":unchosen"), changing("excursion", "sample_id = :unchosen", back_at=THEN), out(":used")),
    "a vial is lost and found": (end(":unchosen", "lost"), "DELETE FROM disposition WHERE sample_id = :unchosen"),
    "a vial is held back and let go": (hold(":unchosen"), rule(":unchosen", "accept", "bo"), decide(), put(":unchosen")),
    "a sample that is held back is destroyed": (work_off(":to_destroy"), end(":to_destroy", "destroyed")),
    "a line is done and taken back": (work_off(":to_destroy"), end(":to_destroy", "destroyed"), "DELETE FROM disposition WHERE sample_id = :to_destroy", changing("disposal_line", "sample_id = :to_destroy", state="'open'", done_by="NULL", done_at="NULL")),
    "a second person sees it gone": (witness(":destroyed"), witness(":returned")),
    "a list is closed": (work_off(":told"), close(6)),
    "two persons sign a gap": (RESTORED, sign("bo"), copied("gap_signature", "login = 'cas'", archive_sha256=f"'{STRANGE_ARCHIVE}'"), *agree(), issue()),
    "a donor is erased": ("DELETE FROM donor_age WHERE donor_id = :donor", copied("erasure", donor_id=":donor")),
    "DNA of a vial is issued by its tube": (vial(kind="'derivative'", material="'DNA'", parent_id=":chosen", parent_material="'CEL'", origin_id=":released"), choose(":free", MAIN), *agree(), issue(":free")),
}
"""What must go through: the attacks above fail for their own reason."""
