"""What two benches may do at once on PostgreSQL of which only one may come about."""

from __future__ import annotations

from tests.support.attacks import decide, put, vial
from tests.support.copies import changing, copied
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

OVERTAKINGS = (
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
)
