"""
What a node answers about our contracts, read into records: logs, and the items of views. What is asked: `evm_chain`.

Source: EIP-1474, contracts/interfaces. An answer that is none raises whatever comes of it; see `evm_chain.sensible`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ledger.adapters.contract_calls import DIGEST_CANCELLED, PARTY_SUSPENSION_CHANGED, decode_words
from ledger.domain.actions import EntryKind
from ledger.domain.identifiers import ContentHash, Digest, Grams, KeyId, PartyId
from ledger.domain.merkle import TreeHash
from ledger.domain.records import (
    BlockMark,
    Cancelled,
    ChainCheckpoint,
    ChainEntry,
    ConsignmentRecord,
    ConsignmentState,
    KeyRecord,
    LotState,
    PlotRecord,
    RoleRecord,
    Scheme,
    YieldRecord,
)


def block_mark(block: Any) -> BlockMark:
    """The block's number, hash and time."""
    return BlockMark(int(block["number"], 16), in_bytes(block["hash"]), int(block["timestamp"], 16))


def entries_of(logs: Sequence[Any], times: dict[str, int], digests: frozenset[Digest]) -> dict[ContentHash, ChainEntry]:
    """One entry a content: the first, in the chain's order, with a digest that was asked for; else the first."""
    entries: dict[ContentHash, ChainEntry] = {}
    for entry in sorted((_entry(log, times) for log in logs), key=lambda one: (one.block_number, one.log_index)):
        before = entries.get(entry.content_hash)
        if before is None or (before.digest not in digests and entry.digest in digests):
            entries[entry.content_hash] = entry
    return entries


def _entry(log: Any, times: dict[str, int]) -> ChainEntry:
    kind, key_id, digest = decode_words(["uint8", "bytes32", "bytes32"], in_bytes(log["data"]), "EntryRecorded")
    return ChainEntry(
        content_hash=ContentHash(in_bytes(log["topics"][1])),
        party=PartyId(int(log["topics"][2], 16)),
        kind=EntryKind(kind),
        key_id=KeyId(key_id),
        digest=Digest(digest),
        block_number=int(log["blockNumber"], 16),
        block_time=times[log["blockHash"]],
        transaction=in_bytes(log["transactionHash"]),
        log_index=int(log["logIndex"], 16),
    )


def checkpoint_of(log: Any, times: dict[str, int]) -> ChainCheckpoint:
    """What one `Checkpoint` says; `times` are those of blocks by their hash."""
    root, previous = decode_words(["bytes32", "uint64"], in_bytes(log["data"]), "Checkpoint")
    return ChainCheckpoint(
        size=int(log["topics"][1], 16),
        root=TreeHash(root),
        previous_size=previous,
        block_number=int(log["blockNumber"], 16),
        block_time=times[log["blockHash"]],
        transaction=in_bytes(log["transactionHash"]),
        log_index=int(log["logIndex"], 16),
    )


def changes_of_roles(logs: Sequence[Any]) -> list[Any]:
    """The registry's logs that say which roles a party has."""
    return [log for log in logs if in_bytes(log["topics"][0]) != DIGEST_CANCELLED]


def cancelled_of(logs: Sequence[Any]) -> dict[tuple[PartyId, Digest], Cancelled]:
    """Where each digest was cancelled, of the registry's logs."""
    return {
        (PartyId(int(log["topics"][1], 16)), Digest(in_bytes(log["topics"][2]))): Cancelled(
            int(log["blockNumber"], 16), int(log["logIndex"], 16)
        )
        for log in logs
        if in_bytes(log["topics"][0]) == DIGEST_CANCELLED
    }


def roles_of(parties: Sequence[PartyId], logs: Sequence[Any]) -> dict[PartyId, tuple[RoleRecord, ...]]:
    """Each party's roles in the chain's order: none from a suspension on, what it was given last from its end on."""
    records: dict[PartyId, list[RoleRecord]] = {party: [] for party in parties}
    given: dict[PartyId, int] = dict.fromkeys(parties, 0)
    suspended: set[PartyId] = set()
    for log in sorted(logs, key=lambda one: (int(one["blockNumber"], 16), int(one["logIndex"], 16))):
        party = PartyId(int(log["topics"][1], 16))
        word = int(decode_words(["uint16"], in_bytes(log["data"])[:32], "roles")[0])
        if in_bytes(log["topics"][0]) != PARTY_SUSPENSION_CHANGED:
            given[party] = word
        elif word:
            suspended.add(party)
        else:
            suspended.discard(party)
        roles = 0 if party in suspended else given[party]
        records[party].append(RoleRecord(roles, int(log["blockNumber"], 16), int(log["logIndex"], 16)))
    return {party: tuple(changes) for party, changes in records.items()}


def lot_of(words: Sequence[Any]) -> LotState:
    """An item of `lotsOf`."""
    issuer, grams, certified, entries, recalled_by, inherited, moved, origin = words
    return LotState(
        PartyId(issuer), Grams(grams), Grams(certified), entries, PartyId(recalled_by), inherited, moved, origin
    )


def consignment_of(words: Sequence[Any]) -> ConsignmentRecord:
    """An item of `consignmentsOf`."""
    shipper, receiver, state, notice_at, manifest_hash = words
    return ConsignmentRecord(PartyId(shipper), PartyId(receiver), ConsignmentState(state), notice_at, manifest_hash)


def plot_of(words: Sequence[Any]) -> PlotRecord:
    """An item of `plotsOf`."""
    return PlotRecord(PartyId(words[0]), PartyId(words[1]))


def yield_of(words: Sequence[Any]) -> YieldRecord:
    """An item of `yieldsOf`."""
    return YieldRecord(Grams(words[0]), Grams(words[1]))


def key_of(words: Sequence[Any]) -> KeyRecord:
    """An item of `keysOf`."""
    return KeyRecord(PartyId(words[0]), Scheme(words[1]), words[2], words[3], words[4], words[5], words[6])


def in_bytes(text: str) -> bytes:
    """What `0x…` stands for."""
    return bytes.fromhex(text[2:])
