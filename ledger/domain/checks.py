"""
The three checks of one event: content, signature, anchored; no I/O.

They look at different inputs, so that one altered input fails one check: content compares the body with the signed
struct, signature the signature with the key and its record on chain, anchored the signed digest with the chain's entry.
What all three lean on, the struct that was signed, comes from `ledger.domain.readings`.
Source: DESIGN.md section 2, checks 1 to 3. Nothing raises; what is wrong is a `Finding`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from ledger.domain.actions import Recall, cosigner_of, signer_of
from ledger.domain.anchoring import LogStanding
from ledger.domain.custody import ANY_ROLE, COSIGNER_ROLES_NEEDED, ROLES_NEEDED
from ledger.domain.findings import check_of, entry_evidence, hexed, not_asked
from ledger.domain.identifiers import LotId, PartyId
from ledger.domain.master_data import Role
from ledger.domain.own_members import own_member
from ledger.domain.readings import UNREADABLE, Reading, differences
from ledger.domain.records import ChainFacts, CoSignature, JsonTree, KeyRecord, Scheme
from ledger.domain.story_values import Check, CheckName, Difference, Evidence, Finding, Parameter, Verdict


class _Found(Protocol):
    """Makes a failed signature check of one event."""

    def __call__(self, code: str, sentence: str, verdict: Verdict = ..., **parameters: Parameter) -> Check: ...


def event_checks(reading: Reading, facts: ChainFacts | None) -> tuple[Check, Check, Check]:
    """Content, signature and anchored, in this order. `facts` None: the chain could not be asked."""
    return content_check(reading), signature_check(reading, facts), anchored_check(reading, facts)


def is_final(reading: Reading, facts: ChainFacts | None) -> bool:
    """Whether the event's entry, or the checkpoint that anchors it, lies deep enough under the head."""
    if facts is None or reading.anchor is None:
        return False
    return reading.anchor.block_number <= facts.head - facts.confirmations + 1


def content_check(reading: Reading) -> Check:
    """The body hashes to what was signed, and implies exactly the struct that was signed."""
    examined, event = reading.examined, reading.event
    stored, implied, found = event.proof.action, examined.implied, examined.found_hash
    signed_hash = reading.action.content_hash
    evidence = Evidence(signed_hash=signed_hash, found_hash=found, digest=reading.signed_digest)
    hashes: dict[str, Parameter] = {"signed": hexed(signed_hash), "found": hexed(found)}

    def failed(code: str, sentence: str, differing: tuple[Difference, ...] = (), **more: Parameter) -> Check:
        finding = Finding(
            CheckName.CONTENT, code, Verdict.UNVERIFIED, sentence, {**hashes, **more}, event.content_hash,
            differences=differing, evidence=evidence,
        )  # fmt: skip
        return check_of(CheckName.CONTENT, [finding])

    if reading.signed_digest not in (None, examined.stored_digest):
        differing = differences(reading.action, stored) if reading.action != stored else ()
        return failed(
            "content.struct-altered",
            "The signed struct in the database was altered: the signature covers another one.",
            differing,
        )
    if found is None:
        return failed(
            "content.unreadable", f"The stored event cannot be read: {examined.problem}.", problem=examined.problem
        )
    if found != signed_hash:
        differing = _as_stated(differences(stored, implied), event.body) if implied is not None else ()
        return failed(
            "content.changed",
            f"The stored event is not the one that was signed{_told(differing)}: its hash is {hexed(found)}, "
            f"signed was {hexed(signed_hash)}.",
            differing,
        )
    if implied is None:
        return failed(
            "content.implies-nothing",
            f"The event does not imply what was signed: {examined.problem}.",
            problem=examined.problem,
        )
    if implied != stored:
        differing = differences(stored, implied)
        return failed(
            "content.not-implied", f"What was signed is not what the event says{_told(differing)}.", differing
        )
    if event.content_hash != found:
        return failed(
            "content.misfiled", "The event is filed under another hash than its own.", filed=hexed(event.content_hash)
        )
    return check_of(CheckName.CONTENT, [], evidence)


def signature_check(reading: Reading, facts: ChainFacts | None) -> Check:
    """
    The signature is by the key named; that key was the party's, valid and unrevoked at the key time, in a role allowed.

    Key time is the block time of the entry, or of the first checkpoint that covers a statement; before there is one,
    the head's. An event that the contract refused has none: only its signature is checked. A key revoked in the very
    block of the entry counts as unrevoked, because the contract took the entry first or not at all. Roles are those
    that the party had when the contract took the entry.
    Where two parties sign, all of this holds for the second signature, key and party as well.
    """
    event, proof = reading.event, reading.event.proof
    evidence = replace(
        entry_evidence(reading.anchor), digest=reading.signed_digest, key_id=reading.signer or proof.key_id
    )

    def found(code: str, sentence: str, verdict: Verdict = Verdict.UNVERIFIED, **parameters: Parameter) -> Check:
        named: dict[str, Parameter] = {"key": hexed(proof.key_id), "party": signer_of(reading.action), **parameters}
        return check_of(
            CheckName.SIGNATURE,
            [Finding(CheckName.SIGNATURE, code, verdict, sentence, named, event.content_hash, evidence=evidence)],
        )

    if reading.examined.stored_digest is None:
        if facts is None:
            return check_of(CheckName.SIGNATURE, [replace(not_asked(CheckName.SIGNATURE), event=event.content_hash)])
        return found("signature.no-digest", "The signed struct holds values that nobody can have signed.")
    if reading.signer is None:
        return found("signature.invalid", "The signature is not by the key named over what was signed.")
    if reading.signer != proof.key_id:
        return found("signature.other-key", "Another key signed than the one named.", signer=hexed(reading.signer))
    co, cosigner = proof.co, cosigner_of(reading.action)
    if (co.party if co is not None else None) != cosigner:
        if co is None and cosigner is not None:
            return found("signature.second-missing", "The second signature is missing.", party=cosigner)
        return found("signature.second-other", "A second signature is by somebody whom the event does not name.")
    if co is not None and not reading.co_signed:
        return found(
            "signature.second-invalid", "The second signature is not by the key named over what was signed.",
            party=co.party, key=hexed(co.key_id),
        )  # fmt: skip
    if facts is None or reading.signer not in facts.keys or (co is not None and co.key_id not in facts.keys):
        return check_of(CheckName.SIGNATURE, [replace(not_asked(CheckName.SIGNATURE), event=event.content_hash)])
    if reading.refused:
        return check_of(CheckName.SIGNATURE, [], evidence)
    wrong = _key_check(reading, facts, facts.keys[reading.signer], proof.scheme, found)
    wrong = wrong or _role_check(reading, facts, signer_of(reading.action), _roles_needed(reading, facts), found)
    wrong = wrong or _standing_check(reading, facts, found)
    if wrong is None and co is not None:
        wrong = _second_check(reading, facts, co, found)
    return wrong or check_of(CheckName.SIGNATURE, [], evidence)


def anchored_check(reading: Reading, facts: ChainFacts | None) -> Check:
    """
    The chain recorded exactly this struct, from this key and party, and deep enough to stay; of a statement it may be
    the log that holds it, under a checkpoint on chain. A leaf that is stated for any event has to be in the log.
    """
    event = reading.event
    name = CheckName.ANCHORED
    if facts is None:
        return check_of(name, [replace(not_asked(name), event=event.content_hash)])
    entry = reading.entry
    evidence = entry_evidence(reading.anchor)

    def found(code: str, verdict: Verdict, sentence: str, **parameters: Parameter) -> Check:
        finding = Finding(name, code, verdict, sentence, parameters, event.content_hash, evidence=evidence)
        return check_of(name, [finding])

    if (told := _LOG_WORDS.get(reading.anchoring.standing)) is not None:
        return found(told[0], Verdict.UNVERIFIED, told[1])
    if entry is None and reading.anchor is not None:
        return check_of(name, [], evidence) if is_final(reading, facts) else _not_final(reading, facts, found)
    if entry is None:
        if reading.refused:
            return found(
                "anchored.refused",
                Verdict.SUSPECT,
                f"The contract refused the entry ({event.refusal}).",
                rule=event.refusal,
            )
        if reading.waiting:
            return found("anchored.waiting", Verdict.PENDING, "The event is accepted, but not yet on the chain.")
        return found(
            "anchored.missing",
            Verdict.UNVERIFIED,
            "The event was confirmed once, but the chain has no entry for it.",
            content=hexed(event.content_hash),
        )
    expected = (
        ("digest", hexed(reading.signed_digest or reading.examined.stored_digest), hexed(entry.digest)),
        ("content", hexed(reading.action.content_hash), hexed(entry.content_hash)),
        ("key", hexed(reading.signer or event.proof.key_id), hexed(entry.key_id)),
        ("party", str(int(signer_of(reading.action))), str(int(entry.party))),
        ("kind", reading.action.KIND.name.lower(), entry.kind.name.lower()),
    )
    for member, signed, on_chain in expected:
        if signed != on_chain:
            return found(
                f"anchored.other-{member}",
                Verdict.UNVERIFIED,
                f"The chain's entry has another {member}: signed {signed}, on chain {on_chain}.",
                signed=signed,
                found=on_chain,
            )
    return check_of(name, [], evidence) if is_final(reading, facts) else _not_final(reading, facts, found)


_LOG_WORDS = {
    LogStanding.WRONG_PROOF: (
        "anchored.log-proof",
        "The proof does not show the event under the log's root on chain.",
    ),
    LogStanding.NO_CHECKPOINT: (
        "anchored.log-checkpoint",
        "The chain has no such checkpoint of the log as the proof is for.",
    ),
    LogStanding.NO_FIRST_CHECKPOINT: (
        "anchored.log-time",
        "The checkpoint that is said to have covered the event first did not.",
    ),
}


def _not_final(reading: Reading, facts: ChainFacts, found: Callable[..., Check]) -> Check:
    depth = facts.head - reading.anchor.block_number + 1 if reading.anchor is not None else 0
    return found(
        "anchored.not-final",
        Verdict.PENDING,
        f"The event is on the chain, {depth} of {facts.confirmations} confirmations deep.",
        depth=depth,
        confirmations=facts.confirmations,
    )


def _standing_check(reading: Reading, facts: ChainFacts, found: _Found) -> Check | None:
    """Of a statement that the log anchors: what the contract would have refused, had it been an entry."""
    at, signed = reading.anchor, reading.signed_digest
    if reading.entry is not None or at is None or signed is None:
        return None
    if at.block_time > reading.action.deadline:
        return found(
            "signature.deadline-passed", "It came into the log after the time until which it was signed.",
            time=at.block_time, deadline=reading.action.deadline,
        )  # fmt: skip
    for taken_back in (signed, reading.examined.batch_digest):
        cancelled = None if taken_back is None else facts.cancelled.get((signer_of(reading.action), taken_back))
        if cancelled is not None and (cancelled.block_number, cancelled.log_index) < (at.block_number, at.log_index):
            return found("signature.cancelled", "The party took back what it had signed.")
    return None


def _second_check(reading: Reading, facts: ChainFacts, co: CoSignature, found: _Found) -> Check | None:
    """What is wrong with the second signer's key or roles; None if nothing is."""

    def of_second(code: str, sentence: str, verdict: Verdict = Verdict.UNVERIFIED, **parameters: Parameter) -> Check:
        named: dict[str, Parameter] = {"party": co.party, "key": hexed(co.key_id), **parameters}
        return found(code, sentence, verdict, **named)

    wrong = _key_check(reading, facts, facts.keys[co.key_id], co.scheme, of_second, co.party)
    needed = int(COSIGNER_ROLES_NEEDED.get(reading.action.KIND, ANY_ROLE))
    return wrong or _role_check(reading, facts, co.party, needed, of_second)


def _key_check(
    reading: Reading, facts: ChainFacts, key: KeyRecord, scheme: Scheme, found: _Found, party: PartyId | None = None
) -> Check | None:
    """What is wrong with the key's record; None if nothing is. `party`: whose it has to be, by default the signer's."""
    party = signer_of(reading.action) if party is None else party
    time = reading.anchor.block_time if reading.anchor is not None else facts.head_time
    if key.scheme is Scheme.NONE:
        if reading.waiting:
            return found("signature.key-waiting", "The key is on its way to the chain.", Verdict.PENDING)
        return found("signature.key-unknown", "The chain knows no such key.")
    if key.party != party:
        return found("signature.other-party", f"The key belongs to party {key.party}, not to {party}.", owner=key.party)
    if key.scheme is not scheme:
        return found("signature.other-scheme", "The key signs in another way than the proof says.")
    if time < key.valid_from:
        return found("signature.key-not-yet-valid", "The key was not valid yet.", time=time, valid_from=key.valid_from)
    if key.valid_until and time >= key.valid_until:
        return found("signature.key-expired", "The key was no longer valid.", time=time, valid_until=key.valid_until)
    if key.revoked_at and key.revoked_at < time:
        return found("signature.key-revoked", "The key was revoked before.", time=time, revoked_at=key.revoked_at)
    return None


def _roles_needed(reading: Reading, facts: ChainFacts) -> int:
    """Bits of the roles of which the signer needs one; 0: any will do."""
    action = reading.action
    if isinstance(action, Recall) and _issuer(facts, action.lot) != action.issuer:
        return int(Role.REGULATOR)
    return int(ROLES_NEEDED.get(action.KIND, ANY_ROLE))


def _role_check(reading: Reading, facts: ChainFacts, party: PartyId, allowed: int, found: _Found) -> Check | None:
    if party not in facts.roles:
        return found("chain.not-asked", "The chain was not asked for the party's roles.", Verdict.UNKNOWN)
    roles, action = facts.roles_of(party, reading.anchor), reading.action
    if not facts.roles[party]:
        return found("signature.party-unknown", f"The chain knows no party {party}.")
    if not roles or (allowed and not roles & allowed):
        return found(
            "signature.role-missing",
            f"Party {party} had no role that allows a {action.KIND.name.lower()}.",
            kind=action.KIND.name.lower(),
            roles=roles,
            needed=allowed,
        )
    return None


def _issuer(facts: ChainFacts, lot: LotId) -> PartyId | None:
    state = facts.lots.get(lot)
    return state.issuer if state is not None else None


def _as_stated(differing: tuple[Difference, ...], body: JsonTree) -> tuple[Difference, ...]:
    """
    Without a process loss that the body does not state: it is what the weights leave over (docs/events.md), so it
    changes with any of them, and a reader would look for a member that nobody touched.
    """
    try:
        stated = own_member(body, "processLoss") is not None
    except UNREADABLE:
        stated = True
    kept = tuple(item for item in differing if stated or item.member != "processLoss")
    return kept or differing


def _told(differing: tuple[Difference, ...]) -> str:
    if not differing:
        return ""
    first = differing[0]
    return f" ({first.member}: signed {first.signed or 'nothing'}, now {first.found or 'nothing'})"
