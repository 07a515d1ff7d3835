"""
Reads the contracts on an Ethereum chain, everything at one block.

Batched JSON-RPC instead of a client library: one question is two or three requests, whatever its size, and start-up
imports nothing heavy. Source: EIP-1474, EIP-1898 (calls at a block hash). Raises `ChainUnavailable` where the node does
not answer in time and `WrongChain` where it answers for another chain, or has other or no contracts at the addresses.
What the answers mean: `evm_answers`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from ledger.adapters.contract_calls import (
    CHECKPOINT,
    CONSIGNMENT,
    DIGEST_CANCELLED,
    ENTRY_RECORDED,
    KEY,
    LOT_STATE,
    PARTY_ADMITTED,
    PARTY_SUSPENSION_CHANGED,
    PLEDGE,
    PLOT,
    ROLES_CHANGED,
    YIELD,
    decode_words,
    encode_call,
)
from ledger.adapters.evm_answers import (
    block_mark,
    cancelled_of,
    changes_of_roles,
    checkpoint_of,
    consignment_of,
    entries_of,
    in_bytes,
    key_of,
    lot_of,
    plot_of,
    roles_of,
    yield_of,
)
from ledger.adapters.json_rpc import JsonRpc, RpcError
from ledger.adapters.networks import Network
from ledger.domain.custody_state import Pledge
from ledger.domain.errors import ChainError, ChainUnavailable, WrongChain
from ledger.domain.identifiers import ConsignmentId, Grams, LotId, PartyId
from ledger.domain.records import BlockMark, ChainFacts, ChainQuestion
from ledger.domain.typed_data import Domain
from ledger.ports import Clock

_ITEMS_PER_CALL = 200
_ATTEMPTS = 3
_Item = TypeVar("_Item")


class Contracts(Protocol):
    """Which contracts are read, on which chain: addresses of 20 bytes, and the first block that concerns them."""

    @property
    def chain_id(self) -> int: ...
    @property
    def registry(self) -> bytes: ...
    @property
    def ledger(self) -> bytes: ...
    @property
    def log(self) -> bytes: ...
    @property
    def first_block(self) -> int: ...


class EvmChain:
    """
    Implements `ports.ChainReader` and `ports.ChainNode` for the contracts of a deployment record, or of a pinned one.
    Used by one event loop.
    """

    def __init__(self, rpc: JsonRpc, deployment: Contracts, network: Network, clock: Clock) -> None:
        self._rpc = rpc
        self._deployment = deployment
        self._network = network
        self._clock = clock

    @property
    def url(self) -> str:
        """The node's address."""
        return self._rpc.url

    async def domain(self) -> Domain:
        """The EIP-712 domain of `ProduceLedger`; from the deployment record, so it needs no chain."""
        return Domain.of_ledger(self._deployment.chain_id, self._deployment.ledger)

    async def head(self) -> BlockMark:
        """The newest block of a node that is on the right chain and has the contracts."""
        with sensible(self.url):
            return block_mark(await self._checked_head())

    async def facts(self, question: ChainQuestion) -> ChainFacts:
        """Answers everything at one block; begins anew where a re-org falls between two requests."""
        for _ in range(_ATTEMPTS):
            with sensible(self.url):
                facts = await self._facts(question, await self._checked_head())
            if facts is not None:
                return facts
        raise self._too_fast()

    async def facts_at(self, question: ChainQuestion, number: int) -> tuple[BlockMark, ChainFacts]:
        """Answers everything at the block of that number, and says which block that was."""
        for _ in range(_ATTEMPTS):
            with sensible(self.url):
                block = await self._rpc.call("eth_getBlockByNumber", hex(number), False)
                if block is None:
                    raise ChainUnavailable(f"the chain at {self.url} has no block {number}")
                facts = await self._facts(question, block)
                if facts is not None:
                    return block_mark(block), facts
        raise self._too_fast()

    def _too_fast(self) -> ChainUnavailable:
        return ChainUnavailable(f"the chain at {self._rpc.url} reorganises faster than it can be read")

    async def pledges(self, lot: LotId, holder: PartyId) -> tuple[Pledge, ...]:
        """The pledges that stand now on what the holder has of the lot."""
        head = await self._checked_head()
        call = encode_call("pledgesOf", ["bytes32", "uint64"], [lot, holder])
        asked = {"to": _hex(self._deployment.ledger), "data": _hex(call)}
        answer = await self._rpc.call("eth_call", asked, {"blockHash": head["hash"]})
        (found,) = decode_words([f"{PLEDGE}[]"], in_bytes(answer), "pledgesOf")
        return tuple(Pledge(PartyId(lender), Grams(grams), until) for lender, grams, until in found)

    async def _facts(self, question: ChainQuestion, head: Any) -> ChainFacts | None:
        """Everything as of that block; None where it is gone meanwhile."""
        at = {"blockHash": head["hash"]}
        registry, ledger, log = map(_hex, (self._deployment.registry, self._deployment.ledger, self._deployment.log))
        plan = _Plan()
        blocks = {"fromBlock": hex(self._deployment.first_block), "toBlock": head["number"]}
        for contents in _parts(question.contents):
            plan.logs(ledger, blocks, [_hex(ENTRY_RECORDED), [_hex(one) for one in contents]])
        for parties in _parts(question.parties):
            changes = [_hex(PARTY_ADMITTED), _hex(ROLES_CHANGED), _hex(PARTY_SUSPENSION_CHANGED)]
            plan.logs(registry, blocks, [changes, [_word(one) for one in parties]])
        for pairs in _parts(question.cancellations):
            who = sorted({_word(party) for party, _ in pairs})
            plan.logs(registry, blocks, [_hex(DIGEST_CANCELLED), who, [_hex(one) for _, one in pairs]])
        known = [block for block in question.checkpoint_blocks if block <= int(head["number"], 16)]
        for first, last in _runs(known):
            plan.logs(log, {"fromBlock": hex(first), "toBlock": hex(last)}, [_hex(CHECKPOINT)])
        holders = [holder for _, holder in question.balances]
        plan.read(ledger, at, "lotsOf", ["bytes32[]"], [question.lots], f"{LOT_STATE}[]")
        plan.read(
            ledger, at, "balancesOf", ["bytes32[]", "uint64[]"],
            [[lot for lot, _ in question.balances], holders], "uint64[]",
        )  # fmt: skip
        plan.read(ledger, at, "consignmentsOf", ["bytes32[]"], [question.consignments], f"{CONSIGNMENT}[]")
        plan.read(ledger, at, "plotsOf", ["bytes32[]"], [question.plots], f"{PLOT}[]")
        plan.read(
            ledger, at, "yieldsOf", ["bytes32[]", "uint16[]"],
            [[plot for plot, _ in question.yields], [season for _, season in question.yields]], f"{YIELD}[]",
        )  # fmt: skip
        plan.read(registry, at, "keysOf", ["bytes32[]"], [question.keys], f"{KEY}[]")
        # Last in line: if the head is still what it was, the logs above are of its chain too.
        plan.calls.append(("eth_getBlockByNumber", [head["number"], False]))
        answers = await self._rpc.batch(plan.calls)
        again = answers[-1]
        if isinstance(again, RpcError) or again is None or again["hash"] != head["hash"]:
            return None
        for answer in answers:
            if isinstance(answer, RpcError):
                raise WrongChain(f"the contracts do not answer: {answer}") from answer
        logs, checkpoints = plan.take_logs(answers, ledger), plan.take_logs(answers, log)
        times = await self._block_times([*logs, *checkpoints])
        if times is None:
            return None
        words = plan.take_words(answers)
        return ChainFacts(
            chain_id=self._deployment.chain_id,
            ledger=self._deployment.ledger,
            registry=self._deployment.registry,
            head=int(head["number"], 16),
            head_time=int(head["timestamp"], 16),
            confirmations=self._network.confirmations,
            asked_at=int(self._clock.now()),
            entries=entries_of(logs, times, question.digests),
            lots=dict(zip(question.lots, map(lot_of, words["lotsOf"]), strict=True)),
            balances=dict(zip(question.balances, map(Grams, words["balancesOf"]), strict=True)),
            consignments=dict(zip(question.consignments, map(consignment_of, words["consignmentsOf"]), strict=True)),
            keys=dict(zip(question.keys, map(key_of, words["keysOf"]), strict=True)),
            plots=dict(zip(question.plots, map(plot_of, words["plotsOf"]), strict=True)),
            yields=dict(zip(question.yields, map(yield_of, words["yieldsOf"]), strict=True)),
            roles=roles_of(question.parties, changes_of_roles(plan.take_logs(answers, registry))),
            log=self._deployment.log,
            checkpoints=tuple(checkpoint_of(one, times) for one in checkpoints),
            cancelled=cancelled_of(plan.take_logs(answers, registry)),
        )

    async def _checked_head(self) -> Any:
        """The head, from a node that is on the right chain and has the contracts."""
        record = self._deployment
        chain_id, head, *codes = await self._rpc.results([
            ("eth_chainId", []),
            ("eth_getBlockByNumber", ["latest", False]),
            ("eth_getCode", [_hex(record.registry), "latest"]),
            ("eth_getCode", [_hex(record.ledger), "latest"]),
            ("eth_getCode", [_hex(record.log), "latest"]),
        ])  # fmt: skip
        if int(chain_id, 16) != record.chain_id:
            raise WrongChain(
                f"{self._rpc.url} is chain {int(chain_id, 16)}, but this ledger lives on chain {record.chain_id}"
            )
        contracts = (("PartyRegistry", record.registry), ("ProduceLedger", record.ledger), ("EventLog", record.log))
        for (name, address), code in zip(contracts, codes, strict=True):
            if code in ("0x", None):
                raise WrongChain(f"{self._rpc.url} has no {name} at {_hex(address)}")
        return head

    async def _block_times(self, logs: Sequence[Any]) -> dict[str, int] | None:
        """Unix seconds by block hash; None where a block is gone."""
        hashes = sorted({log["blockHash"] for log in logs})
        blocks = await self._rpc.results([("eth_getBlockByHash", [one, False]) for one in hashes])
        if any(block is None for block in blocks):
            return None
        return {block["hash"]: int(block["timestamp"], 16) for block in blocks}


@contextmanager
def sensible(url: str) -> Iterator[None]:
    """Turns what comes of answers that are no chain's into `WrongChain`: a node may answer anything."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
        raise WrongChain(f"{url} does not answer as a chain does: {type(error).__name__} {error}") from error


class _Plan:
    """The calls of one question, and where in the answers each part lies."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Sequence[Any]]] = []
        self._logs: dict[str, list[int]] = {}
        self._reads: dict[str, list[tuple[int, str]]] = {}

    def logs(self, contract: str, blocks: dict[str, str], topics: Sequence[object]) -> None:
        """Logs of one contract with one of the topics at each place."""
        self._logs.setdefault(contract, []).append(len(self.calls))
        self.calls.append(("eth_getLogs", [{**blocks, "address": contract, "topics": topics}]))

    def read(
        self, contract: str, at: object, name: str, takes: Sequence[str], lists: Sequence[Sequence[Any]], gives: str
    ) -> None:
        """A view that maps lists of equal length to a list."""
        places = self._reads.setdefault(name, [])
        for parts in zip(*map(_parts, lists), strict=True):
            places.append((len(self.calls), gives))
            data = encode_call(name, takes, parts)
            self.calls.append(("eth_call", [{"to": contract, "data": _hex(data)}, at]))

    def take_logs(self, answers: Sequence[Any], contract: str) -> list[Any]:
        """All logs of one contract."""
        return [log for place in self._logs.get(contract, ()) for log in answers[place]]

    def take_words(self, answers: Sequence[Any]) -> dict[str, list[Any]]:
        """The items that each view gave, in the order asked."""
        try:
            return {
                name: [
                    item
                    for place, gives in places
                    for item in decode_words([gives], bytes.fromhex(answers[place][2:]), name)[0]
                ]
                for name, places in self._reads.items()
            }
        except ChainError as error:
            raise WrongChain(f"the contracts are not ours: {error}") from error


def _parts(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), _ITEMS_PER_CALL):
        yield items[start : start + _ITEMS_PER_CALL]


def _runs(blocks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Neighbouring block numbers as first and last, ascending."""
    start = end = -2
    for block in sorted(set(blocks)):
        if block != end + 1:
            if end >= 0:
                yield start, end
            start = block
        end = block
    if end >= 0:
        yield start, end


def _hex(data: bytes | LotId | ConsignmentId) -> str:
    return "0x" + data.hex()


def _word(number: int) -> str:
    return f"0x{number:064x}"
