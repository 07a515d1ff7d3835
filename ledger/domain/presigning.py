"""
For whoever signs events before sending them: the proofs, under one signature for up to 1,000 statements, put into
their events; no I/O, no private key.

The events are complete (`silkroot:party`, `silkroot:blind`, what is to be sealed sealed), as docs/events.md says. What
`sign` gets is the 32-byte digest of a batch; what it gives is in the form of the scheme (`ledger.domain.signatures`).
Raises `InvalidInput` (`batch.…`, and what reading the events raises).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ledger.domain.batch_signatures import MOST, sign_together
from ledger.domain.binding import action_of
from ledger.domain.errors import InvalidEvent
from ledger.domain.identifiers import Digest, KeyId
from ledger.domain.own_members import keys_of
from ledger.domain.presigned import PROOF
from ledger.domain.proof_json import proof_to_json
from ledger.domain.records import JsonTree, Scheme, SignatureProof
from ledger.domain.typed_data import Domain

_PARTY = "party"


def presigned_together(
    events: Sequence[JsonTree],
    deadline: int,
    domain: Domain,
    key: KeyId,
    scheme: Scheme,
    sign: Callable[[Digest], bytes],
) -> Iterator[JsonTree]:
    """
    The events, each with its proof in it, in their order; one signature for each 1,000. They are statements of one
    party; `deadline` is in Unix seconds, the given trees stay as they are.
    """
    for start in range(0, len(events), MOST):
        some = events[start : start + MOST]
        actions = [action_of(event, deadline) for event in some]
        for event, proof in zip(some, sign_together(actions, domain, key, scheme, sign), strict=True):
            yield carrying(event, proof)


def carrying(event: JsonTree, proof: SignatureProof) -> JsonTree:
    """The event with the proof in it, under the prefix by which it names its party."""
    keys = keys_of(event, _PARTY)
    if not keys:
        message = "an event that comes signed carries its party: adding it would change what was signed"
        raise InvalidEvent.one("/silkroot:party", "proof.missing", "", message)
    return {**event, keys[0].removesuffix(_PARTY) + PROOF: proof_to_json(proof)}
