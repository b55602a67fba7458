"""What two benches may do at once on PostgreSQL of which only one may come about."""

from __future__ import annotations

from tests.support.attacks import decide, put, vial
from tests.support.copies import changing, copied
from tests.support.label_attacks import SENDING, sending
from tests.support.later_attacks import (
    RESTORED,
    agree,
    choose,
    close,
    consume,
    end,
    enlist,
    hold,
    issue,
    out,
    witness,
    work_off,
)
from tests.support.later_life import DONE_WITH, MAIN
from tests.support.overtaking import Overtaking
from tests.support.storage_attacks import allow, become, rekind, relocate, take

_OTHER_BENCH = "(SELECT id FROM command WHERE kind = 'unsealed')"
_TOO_MUCH = (
    "SELECT count(*) FROM sample p"
    " WHERE p.volume_ul < (SELECT sum(taken_ul) FROM sample WHERE parent_id = p.id)"
    " OR p.cells < (SELECT sum(taken_cells) FROM sample WHERE parent_id = p.id)"
)
_TOO_MUCH_USED = (
    "SELECT count(*) FROM sample p WHERE p.volume_ul <"
    " (SELECT coalesce(sum(taken_ul), 0) FROM sample WHERE parent_id = p.id)"
    " + (SELECT coalesce(sum(ul), 0) FROM consumption WHERE sample_id = p.id)"
)
_ISSUED = "SELECT count(*) FROM disposition WHERE sample_id = :chosen"
_USED = "SELECT count(*) FROM consumption WHERE sample_id = :chosen"
_SEEN_BUT_HERE = (
    "SELECT count(*) FROM disposal_line l WHERE l.sample_id = :destroyed AND l.state = 'witnessed'"
    " AND NOT EXISTS (SELECT 1 FROM disposition g WHERE g.sample_id = l.sample_id)"
)
_ERASED_WITH_AGES = "SELECT count(*) FROM erasure JOIN donor_age USING (donor_id)"
_LESS = "biobank:more-than-is-left"

_FORBIDDEN_INSIDE = (
    "SELECT count(*) FROM placement p JOIN sample s ON s.id = p.item_id"
    " JOIN container b ON b.id = p.container_id"
    " WHERE strpos(chr(10) || b.materials || chr(10), chr(10) || s.material || chr(10)) = 0"
)
_FREER_INSIDE = (
    "SELECT count(*) FROM placement p JOIN container i ON i.id = p.item_id"
    " JOIN container b ON b.id = p.container_id WHERE b.materials IS NOT NULL"
    " AND (i.materials IS NULL"
    " OR NOT string_to_array(i.materials, chr(10)) <@ string_to_array(b.materials, chr(10)))"
)
_NOT_TAKEN = (
    "SELECT count(*) FROM placement p JOIN container i ON i.id = p.item_id"
    " JOIN container b ON b.id = p.container_id JOIN container_kind k ON k.name = b.kind"
    " WHERE k.takes <> i.kind"
)
_WRONGLY_MOVED = (
    "SELECT count(*) FROM relocation m JOIN command c ON c.id = m.command_id"
    " WHERE c.kind = 'attack' AND m.item_id = :placed"
)
_FORBIDDEN = "biobank:content-not-allowed"
_ONLY_SMALL_BOX = "(SELECT kind FROM container WHERE id = :small_box)"

OVERTAKINGS = (
    Overtaking(
        "two programs take labels for one printer",
        (sending("queued", "bench-1 1"),),
        (changing("label", "object_id = :tube AND no = 1", **SENDING, sender="'bench-2 1'"),),
        "biobank:label-two-senders",
        "SELECT count(*) FROM label a JOIN label b USING (printer)"
        " WHERE a.state = 'sending' AND b.state = 'sending' AND a.sender < b.sender",
    ),
    Overtaking(
        "a vial is stored while it becomes void",
        ("UPDATE sample SET state = 'void' WHERE id = :filled",),
        (decide(), put()),
        "biobank:sample-not-filled",
        "SELECT count(*) FROM placement p JOIN sample s ON s.id = p.item_id WHERE s.state = 'void'",
    ),
    Overtaking(
        "a vial becomes void while it is stored",
        (decide(), put()),
        ("UPDATE sample SET state = 'void' WHERE id = :filled",),
        "biobank:sample-in-place",
        "SELECT count(*) FROM placement p JOIN sample s ON s.id = p.item_id WHERE s.state = 'void'",
    ),
    Overtaking(
        "a vial is stored while consent is withdrawn",
        ("UPDATE donor SET consent_head = 1 WHERE id = :donor",),
        (decide(), put()),
        "biobank:no-permitting-decision",
        "SELECT count(*) FROM placement WHERE item_id = :filled",
    ),
    Overtaking(
        "two vials of what is enough for one",
        (vial(taken_ul=3000),),
        (vial(id=":free_box", taken_ul=3000),),
        _LESS,
        _TOO_MUCH,
    ),
    Overtaking(
        "a vial of a tube that gets less",
        ("UPDATE sample SET volume_ul = 1000 WHERE id = :tube",),
        (vial(taken_ul=1),),
        _LESS,
        _TOO_MUCH,
    ),
    Overtaking(
        "a tube gets less while a vial is made of it",
        (vial(taken_ul=4000),),
        ("UPDATE sample SET volume_ul = 4000 WHERE id = :tube",),
        _LESS,
        _TOO_MUCH,
    ),
    Overtaking(
        "a vial is issued while consent changes",
        (copied("consent_line"), "UPDATE donor SET consent_head = 1 WHERE id = :donor"),
        (*agree(), issue()),
        "biobank:no-permitting-decision",
        _ISSUED,
    ),
    Overtaking(
        "a vial is issued while it is held back",
        (hold(":chosen"),),
        (*agree(), issue()),
        "biobank:in-quarantine",
        _ISSUED,
    ),
    Overtaking(
        "a vial is issued while the release is cancelled",
        (changing("release", f"no = {MAIN}", state="'cancelled'"),),
        (*agree(), issue()),
        "biobank:not-in-release",
        _ISSUED,
    ),
    Overtaking(
        "a vial is issued while diagnostics need its tube again",
        ("UPDATE receipt SET released_at = NULL WHERE sample_id = :released",),
        (*agree(), issue()),
        "biobank:not-released-by-diagnostics",
        _ISSUED,
    ),
    Overtaking(
        "a vial is issued while a restore is declared",
        (RESTORED,),
        (*agree(), issue()),
        "biobank:restore-gap-unsigned",
        _ISSUED,
    ),
    Overtaking(
        "a vial is issued while it becomes void",
        ("UPDATE sample SET state = 'void' WHERE id = :chosen",),
        (*agree(), issue()),
        "biobank:sample-not-filled",
        _ISSUED,
    ),
    Overtaking(
        "a vial is chosen while the release is cancelled",
        (changing("release", f"no = {MAIN}", state="'cancelled'"),),
        (choose(":unchosen", MAIN),),
        "biobank:release-is-closed",
        "SELECT count(*) FROM release_line WHERE sample_id = :unchosen",
    ),
    Overtaking(
        "a vial is stored while it is lost",
        (end(":unchosen", "lost"),),
        (decide(), put(":unchosen")),
        "biobank:sample-gone",
        "SELECT count(*) FROM placement WHERE item_id = :unchosen",
    ),
    Overtaking(
        "a vial is lost while it is stored",
        (decide(), put(":unchosen")),
        (end(":unchosen", "lost"),),
        "biobank:sample-in-place",
        "SELECT count(*) FROM disposition WHERE sample_id = :unchosen",
    ),
    Overtaking(
        "a vial is stored while it is held back",
        (hold(":unchosen"),),
        (decide(), put(":unchosen")),
        "biobank:in-quarantine",
        "SELECT count(*) FROM placement WHERE item_id = :unchosen",
    ),
    Overtaking(
        "a vial is taken out while it is lost",
        (end(":unchosen", "lost"),),
        (out(":unchosen"),),
        "biobank:sample-gone",
        "SELECT count(*) FROM excursion WHERE sample_id = :unchosen",
    ),
    Overtaking(
        "a vial is used while it is lost",
        (end(":chosen", "lost"),),
        (*agree("use-a2g"), consume()),
        "biobank:sample-gone",
        _USED,
    ),
    Overtaking(
        "a vial is used while consent changes",
        ("UPDATE donor SET consent_head = 1 WHERE id = :donor",),
        (*agree("use-a2g"), consume()),
        "biobank:no-permitting-decision",
        _USED,
    ),
    Overtaking(
        "a vial is used while its tube turns out to be a later one",
        ("UPDATE receipt SET received_at = '2025-03-04T12:00:00.000Z' WHERE sample_id = :released",),
        (*agree("use-a2g"), consume()),
        "biobank:no-permitting-decision",
        _USED,
    ),
    Overtaking(
        "two uses of what is enough for one",
        (*agree("use-a2g"), consume(":tapped", ul="500")),
        (*agree("use-a2g", by=_OTHER_BENCH), consume(":tapped", ul="500", no=10, by=_OTHER_BENCH)),
        _LESS,
        _TOO_MUCH_USED,
    ),
    Overtaking(
        "a vial of what is being used",
        (*agree("use-a2g"), consume(":tapped", ul="500")),
        (vial(parent_id=":tapped", taken_ul=500),),
        _LESS,
        _TOO_MUCH_USED,
    ),
    Overtaking(
        "a line more while the list is closed",
        (work_off(":told"), close(DONE_WITH)),
        (enlist(":unlisted", no=DONE_WITH),),
        "biobank:list-is-closed",
        f"SELECT count(*) FROM disposal_line WHERE disposal_no = {DONE_WITH} AND state = 'open'",
    ),
    Overtaking(
        "a list is closed while it gets a line more",
        (work_off(":told"), enlist(":unlisted", no=DONE_WITH)),
        (close(DONE_WITH),),
        "biobank:list-not-done",
        f"SELECT count(*) FROM disposal WHERE no = {DONE_WITH} AND state = 'closed'",
    ),
    Overtaking(
        "what was destroyed comes back while it is seen",
        (witness(":destroyed"),),
        ("DELETE FROM disposition WHERE sample_id = :destroyed",),
        "biobank:witnessed-is-final",
        _SEEN_BUT_HERE,
    ),
    Overtaking(
        "what was destroyed is seen while it comes back",
        ("DELETE FROM disposition WHERE sample_id = :destroyed",),
        (witness(":destroyed"),),
        "biobank:not-taken-away",
        _SEEN_BUT_HERE,
    ),
    Overtaking(
        "ages are entered while a donor is erased",
        (copied("erasure"),),
        (copied("donor_age", donor_id=":unaged"),),
        "biobank:donor-erased",
        _ERASED_WITH_AGES,
    ),
    Overtaking(
        "a donor is erased while ages are entered",
        (copied("donor_age", donor_id=":unaged"),),
        (copied("erasure"),),
        "biobank:ages-not-erased",
        _ERASED_WITH_AGES,
    ),
    Overtaking(
        "a vial is stored while its box is for plasma from now on",
        (allow(":empty_box", "PL1"),),
        (decide(), put(box=":empty_box")),
        _FORBIDDEN,
        _FORBIDDEN_INSIDE,
    ),
    Overtaking(
        "a box is for plasma from now on while a vial is stored",
        (decide(), put(box=":empty_box")),
        (allow(":empty_box", "PL1"),),
        _FORBIDDEN,
        _FORBIDDEN_INSIDE,
    ),
    Overtaking(
        "a vial is stored while it turns out to be DNA",
        (become(":filled", "DNA"),),
        (decide(), put(box=":ruled_box")),
        _FORBIDDEN,
        _FORBIDDEN_INSIDE,
    ),
    Overtaking(
        "a vial turns out to be DNA while it is stored",
        (decide(), put(box=":ruled_box")),
        (become(":filled", "DNA"),),
        _FORBIDDEN,
        _FORBIDDEN_INSIDE,
    ),
    Overtaking(
        "a vial turns out to be DNA while its box is for cells from now on",
        (allow(":box", "CEL"),),
        (become(":placed", "DNA"),),
        _FORBIDDEN,
        _FORBIDDEN_INSIDE,
    ),
    Overtaking(
        "a box is for cells from now on while a vial in it turns out to be DNA",
        (become(":placed", "DNA"),),
        (allow(":box", "CEL"),),
        _FORBIDDEN,
        _FORBIDDEN_INSIDE,
    ),
    Overtaking(
        "a box is put under a list while its own goes",
        (allow(":plasma_box", None),),
        (put(":plasma_box", ":ruled_shelf"),),
        _FORBIDDEN,
        _FREER_INSIDE,
    ),
    Overtaking(
        "a box is put onto a shelf while that gets a list",
        (allow(":other_shelf", "CEL"),),
        (put(":plasma_box", ":other_shelf"),),
        _FORBIDDEN,
        _FREER_INSIDE,
    ),
    Overtaking(
        "a shelf gets a list while a box is put onto it",
        (put(":plasma_box", ":other_shelf"),),
        (allow(":other_shelf", "CEL"),),
        _FORBIDDEN,
        _FREER_INSIDE,
    ),
    Overtaking(
        "the inner list grows while the outer one shrinks",
        (allow(":plasma_shelf", "PL1"),),
        (allow(":inner_box", "PL1\nCEL"),),
        _FORBIDDEN,
        _FREER_INSIDE,
    ),
    Overtaking(
        "the outer list shrinks while the inner one grows",
        (allow(":inner_box", "PL1\nCEL"),),
        (allow(":plasma_shelf", "PL1"),),
        _FORBIDDEN,
        _FREER_INSIDE,
    ),
    Overtaking(
        "a box is put onto a shelf while its kind takes others only",
        (rekind(":other_shelf", takes=_ONLY_SMALL_BOX),),
        (put(":plasma_box", ":other_shelf"),),
        "biobank:kind-not-allowed-there",
        _NOT_TAKEN,
    ),
    Overtaking(
        "a kind takes others only while a box is put into one of it",
        (put(":plasma_box", ":other_shelf"),),
        (rekind(":other_shelf", takes=_ONLY_SMALL_BOX),),
        "biobank:kind-not-allowed-there",
        _NOT_TAKEN,
    ),
    Overtaking(
        "a vial is moved from where it lay until it was taken out",
        (take(":placed"),),
        (relocate(),),
        "biobank:not-lying-there",
        _WRONGLY_MOVED,
    ),
)
