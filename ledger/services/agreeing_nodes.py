"""
Asks several chain nodes the same question at the same block, and believes them only if they all say the same.

One node may lie or lag. So all are asked at the lowest of their heads, and a difference in the block or in any fact is
a disagreement: nobody can tell which of them is right. A node that does not answer is named and not believed. Heads
that lie far apart are a disagreement as well, since the slow node would hide what the fast one knows, a recall perhaps.
Raises nothing for what nodes do; it is in the `Answer`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Generic, Protocol, TypeVar

from ledger.domain.errors import ChainError, ChainUnavailable
from ledger.domain.records import BlockMark, ChainFacts

MOST_APART_SECONDS = 600

_Said = TypeVar("_Said")


class Headed(Protocol):
    """A node, as far as it is asked here."""

    @property
    def url(self) -> str: ...

    async def head(self) -> BlockMark: ...


_Node = TypeVar("_Node", bound=Headed)


@dataclass(frozen=True, slots=True)
class NodeReport:
    """What became of one node. `head`: its newest block, where it told one; `problem` says why it is not believed."""

    url: str
    believed: bool
    head: BlockMark | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Answer(Generic[_Said]):
    """
    `said`: what all believed nodes said, None where there is nothing to believe. `code` is then `chain.unavailable`,
    `chain.wrong` or `chain.nodes-disagree`, and `sentence` says more. `at`: the block at which they were asked.
    """

    nodes: tuple[NodeReport, ...]
    said: _Said | None = None
    at: BlockMark | None = None
    code: str = ""
    sentence: str = ""


async def ask_all(
    nodes: Sequence[_Node],
    ask: Callable[[_Node, int], Awaitable[tuple[BlockMark, _Said]]],
    comparable: Callable[[_Said], _Said] = lambda said: said,
) -> Answer[_Said]:
    """Puts the question to each node at one block; `comparable` leaves out what need not be the same."""
    heads = await asyncio.gather(*(_outcome(node.head()) for node in nodes))
    alive = [(node, head) for node, head in zip(nodes, heads, strict=True) if isinstance(head, BlockMark)]
    reports = {
        index: NodeReport(node.url, False, problem=str(head))
        for index, (node, head) in enumerate(zip(nodes, heads, strict=True))
        if not isinstance(head, BlockMark)
    }
    if not alive:
        return _nobody(nodes, reports, heads)
    lowest = min(head.number for _, head in alive)
    answers = await asyncio.gather(*(_outcome(ask(node, lowest)) for node, _ in alive))
    believed: list[tuple[str, BlockMark, tuple[BlockMark, _Said]]] = []
    waiting = iter(answers)
    for index, (node, head) in enumerate(zip(nodes, heads, strict=True)):
        if not isinstance(head, BlockMark):
            continue
        answer = next(waiting)
        if isinstance(answer, Exception):
            reports[index] = NodeReport(node.url, False, head, str(answer))
        else:
            reports[index] = NodeReport(node.url, True, head)
            believed.append((node.url, head, answer))
    told = tuple(reports[index] for index in range(len(nodes)))
    if not believed:
        return _nobody(nodes, reports, answers)
    if (problem := _disagreement(believed, comparable)) is not None:
        doubted = tuple(replace(one, believed=False) for one in told)
        return Answer(doubted, None, None, "chain.nodes-disagree", problem)
    _, _, (block, said) = believed[0]
    return Answer(told, said, block)


def facts_alike(facts: ChainFacts) -> ChainFacts:
    """The facts without the time of asking, which is our own."""
    return replace(facts, asked_at=0)


async def _outcome(work: Awaitable[_Said]) -> _Said | ChainError:
    try:
        return await work
    except ChainError as error:
        return error


def _nobody(nodes: Sequence[_Node], reports: dict[int, NodeReport], outcomes: Sequence[object]) -> Answer[_Said]:
    wrong = any(isinstance(one, ChainError) and not isinstance(one, ChainUnavailable) for one in outcomes)
    told = tuple(reports[index] for index in range(len(nodes)))
    reasons = "; ".join(dict.fromkeys(one.problem for one in told))
    if wrong:
        return Answer(told, None, None, "chain.wrong", f"No node is the chain of the pinned record: {reasons}.")
    return Answer(told, None, None, "chain.unavailable", f"No node answers: {reasons}.")


def _disagreement(
    believed: Sequence[tuple[str, BlockMark, tuple[BlockMark, _Said]]], comparable: Callable[[_Said], _Said]
) -> str | None:
    slow = min(believed, key=lambda one: one[1].time)
    fast = max(believed, key=lambda one: one[1].time)
    if (apart := fast[1].time - slow[1].time) > MOST_APART_SECONDS:
        return f"{slow[0]} is {apart} s behind {fast[0]}; ask again when it has caught up."
    first_url, _, (first_block, first) = believed[0]
    for url, _, (block, said) in believed[1:]:
        if block != first_block:
            return f"{first_url} and {url} have different blocks {first_block.number}."
        if comparable(said) != comparable(first):
            return f"{first_url} and {url} differ in {_differing(comparable(first), comparable(said))}."
    return None


def _differing(first: object, second: object) -> str:
    if isinstance(first, ChainFacts) and isinstance(second, ChainFacts):
        names = [one.name for one in fields(ChainFacts) if getattr(first, one.name) != getattr(second, one.name)]
        return ", ".join(names)
    return "what they say"
