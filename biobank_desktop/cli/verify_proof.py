"""``biobank verify-proof``: what the proof of a vial proves. It opens no database and asks for nobody."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from biobank_desktop.cli import columns
from biobank_desktop.cli.contract import Answer
from biobank_desktop.cli.files import read_at_most
from biobank_desktop.cli.forms import readable
from biobank_desktop.domain import codes
from biobank_desktop.domain.amounts import format_amount
from biobank_desktop.language import _, chosen, ngettext, say_date, say_value
from biobank_desktop.papers.signing import MOST_BYTES, grouped, typed_fingerprint, verify

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from biobank_desktop.domain.proofs import Proof
    from biobank_desktop.papers.signing import Verified


def run(options: Namespace) -> Answer:
    """Check a file or the text of a symbol, and say what it proves."""
    key = None if options.key is None else typed_fingerprint(options.key)
    verified = verify(_content(options.file), key)
    result = {
        "key": verified.fingerprint,
        "key_compared": key is not None,
        "whole_page": verified.whole_page,
        "proof": verified.proof.as_mapping(),
    }
    return Answer(result, columns.joined(_trust(verified, compared=key is not None), *_said(verified.proof)))


def _content(source: str) -> bytes:
    if source != "-":
        return read_at_most(source, MOST_BYTES)
    with readable("file", source):
        return sys.stdin.buffer.read(MOST_BYTES + 1)


def _trust(verified: Verified, *, compared: bool) -> str:
    """What the signature proves, and what it does not."""
    key = grouped(verified.fingerprint)
    whose = (
        _("It was signed with the key that you named: {key}.")
        if compared
        else _("Whose key it is cannot be seen from it. Compare it with the one the lab gives you: {key}.")
    )
    page = (
        _("The page is the one that was signed, to the last byte.")
        if verified.whole_page
        else _("Only what the symbol says was checked. What is printed beside it must say the same as below.")
    )
    sound = _("The signature is sound: nothing was changed since the proof was signed.")
    since = _(
        "It says what was so when it was signed. Whether consent was withdrawn since, only the lab knows."
    )
    return "\n".join((sound, whose.format(key=key), page, since))


def _said(proof: Proof) -> Iterator[str]:
    """What the proof says, in sentences."""
    yield "\n".join(_origin(proof))
    yield "\n".join(_brisq(proof))
    yield "\n".join(_permission(proof))
    to = proof.release
    yield _(
        "It went with release {number} to {recipient} ({country}), for the study {study}. The committee "
        "(BDAC) decided under {bdac}."
    ).format(number=to.number, recipient=to.recipient, country=to.country, study=to.study, bdac=to.bdac)
    history = proof.history
    events = ngettext(
        "The lab’s history holds it in {count} event.",
        "The lab’s history holds it in {count} events.",
        len(history.events),
    )
    seal = _("The seal over everything until then: {size}, {root}. The lab can show that it still holds.")
    sealed = seal.format(size=history.seal_size, root=history.seal_root)
    yield "\n".join((events, *history.events, sealed))


def _origin(proof: Proof) -> Iterator[str]:
    vial, amount = proof.provenance, proof.amount
    yield _("{lab} says about the vial {vial}:").format(lab=vial.lab, vial=codes.group(vial.vial))
    decimal = "," if chosen() == "nl" else "."
    held = format_amount(amount.volume_ul, amount.cells, decimal, _("cells")) or _("an unknown amount")
    yield _("It holds {material} from {source}, {amount}; tube {tube} of donor {donor}.").format(
        material=say_value(vial.material),
        source=_("an unknown source") if vial.source is None else say_value(vial.source),
        amount=held,
        tube=codes.group(vial.tube),
        donor=codes.group(vial.donor),
    )
    time_point = vial.time_point or _("unknown")
    yield f"{_('Kind')}: {say_value(vial.kind)} · {_('Time point')}: {time_point}"
    moments = (
        (_("Drawn"), vial.drawn_at),
        (_("Received"), vial.received_at),
        (_("Processed"), vial.processed_at),
        (_("Frozen"), vial.frozen_at),
    )
    yield " · ".join(f"{name}: {say_value(at) if at else _('unknown')}" for name, at in moments)
    for stay in vial.stays:
        yield _("Since {moment}: {temperature}.").format(
            moment=say_value(stay.since), temperature=say_value(stay.temperature)
        )
    if proof.sprec.code:
        yield _("SPREC {version}: {code}.").format(version=proof.sprec.version, code=proof.sprec.code)


def _brisq(proof: Proof) -> Iterator[str]:
    yield f"{_('For the methods of a paper (BRISQ)')}:"
    for one in proof.brisq:
        yield f"{_(f'brisq.{one.item}')}: {one.value or _('not recorded')}"


def _permission(proof: Proof) -> Iterator[str]:
    consent = proof.consent
    yield _(
        "For “{purpose}” the rules {rules} say on {day}, by what was known on {known}: {verdict}."
    ).format(
        purpose=say_value(consent.purposes),
        rules=consent.rules_version,
        day=say_date(consent.decided_on),
        known=say_value(consent.known_on),
        verdict=say_value(consent.verdict),
    )
    forms = "; ".join(consent.forms) or _("none")
    yield f"{_('Forms')}: {forms} · {_('Newest line')}: {consent.consent_head}"
    yield from consent.reasons
    yield from (f"{number}. {step}" for number, step in enumerate(consent.steps, start=1))
