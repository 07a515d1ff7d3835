"""
How long questions take at ten thousand and at a hundred thousand lots: trace, recall, search, stock. A question has to
cost what its answer is large, and not what the ledger is: each is given beside the same at the smaller size.

A family of ten thousand lots has to be found in 50 ms, one of a hundred thousand in a second, and a recall of ten
thousand has to be marked in a second. Beside each figure stands the processor's time: on a machine that does other
things too, that is what the question took.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import event_builders as b
from second_signatures import propagation

from benchmarks.big_ledger import BigLedger, big_ledger
from benchmarks.figures import Figure
from ledger.ports_questions import EventQuestion
from ledger.services.follow import trace_page

SIZES = (10_000, 100_000)
FAMILY = 10_000
AGAIN = 9
PAGE = 100


@dataclass(frozen=True)
class Question:
    """What is asked, and what it has to reach at the larger size."""

    what: str
    ask: Callable[[BigLedger], int]
    target: str = ""


def measure(folder: Path, sizes: tuple[int, int] = SIZES, family: int = FAMILY) -> list[Figure]:
    """Every question at both sizes, and a recall at the larger one."""
    spent: dict[str, list[float]] = {question.what: [] for question in QUESTIONS}
    rows: dict[str, int] = {}
    processor: dict[str, float] = {}
    recall: list[Figure] = []
    for size in sizes:
        place = folder / str(size)
        place.mkdir()
        # As many lots in the family at both sizes, so that answers are equally large.
        big = big_ledger(place, size, min(family, size))
        for question in QUESTIONS:
            rows[question.what] = question.ask(big)
            times = [_spent(question.ask, big) for _ in range(AGAIN)]
            spent[question.what].append(median(wall for wall, _ in times))
            processor[question.what] = median(used for _, used in times)
        if size == sizes[-1]:
            recall = _recall(big)
        big.world.store.close()
    figures = [
        Figure(
            f"{question.what}, {sizes[-1]:,} lots", _ms(large), question.target,
            f"{large / small:.2f} of the same among {sizes[0]:,} lots ({_ms(small)})",
            f"median of {AGAIN}; {_ms(processor[question.what])} of processor; {rows[question.what]:,} in the answer",
        )
        for question in QUESTIONS
        for small, large in [spent[question.what]]
    ]  # fmt: skip
    return [*figures, *recall, _whole(folder / "whole", sizes[-1])]


def _recall(big: BigLedger) -> list[Figure]:
    started, used = time.perf_counter(), time.process_time()
    (result,) = big.world.capture([b.recall(lot=big.root)])
    marked, used = time.perf_counter() - started, time.process_time() - used
    if result.refused or big.world.store.recalls_waiting() != big.reach:
        raise SystemExit(f"the recall was not marked: {result.violations}")
    started = time.perf_counter()
    turns = []
    while True:
        turn = time.perf_counter()
        if propagation(big.world).turn() is None:
            break
        turns.append(time.perf_counter() - turn)
    carried = time.perf_counter() - started
    return [
        Figure(
            f"recall of a lot with {big.reach - 1:,} descendants: recorded and all marked", _ms(marked), "< 1,000 ms",
            f"{marked / (big.reach - 1) * 1e6:.0f} µs a lot",
            f"{_ms(used)} of processor; one call of capture, in transactions of 1,000 rows",
        ),
        Figure(
            "the same, carried: every entry queued for the chain", f"{carried:.1f} s", "",
            f"longest transaction {_ms(max(turns))}", f"{len(turns)} transactions of at most 1,000 rows",
        ),
    ]  # fmt: skip


def _whole(folder: Path, lots: int) -> Figure:
    folder.mkdir()
    big = big_ledger(folder, lots, lots)

    def ask(big: BigLedger) -> int:
        return trace_page(big.world.store, big.root, forward=True, limit=PAGE).total

    if ask(big) != lots:
        raise SystemExit("the family is not whole")
    times = [_spent(ask, big) for _ in range(5)]
    spent, used = (median(part) for part in zip(*times, strict=True))
    big.world.store.close()
    return Figure(
        f"trace forward: a family of all {lots:,} lots", _ms(spent), "< 1,000 ms", "",
        f"median of 5; {_ms(used)} of processor; the closure with distances, and a page of {PAGE} named",
    )  # fmt: skip


def _forward(big: BigLedger) -> int:
    return trace_page(big.world.store, big.root, forward=True, limit=PAGE).total


def _back(big: BigLedger) -> int:
    last = b.LotRef(big.root.product, f"L{big.reach - 1:07d}")
    return trace_page(big.world.store, last, forward=False, limit=PAGE).total


def _search(question: EventQuestion, *, deep: bool = False) -> Callable[[BigLedger], int]:
    def ask(big: BigLedger) -> int:
        after = (START + big.lots // 2 * 60_000_000, 0) if deep else None
        return len(big.world.store.questions.events(question, after, PAGE))

    return ask


def _stock(big: BigLedger) -> int:
    return len(big.world.store.questions.stock(b.HUB, 0, None, PAGE))


START = 1_785_902_400_000_000
"""2026-08-05T04:00:00Z, when the first event of a big ledger happened."""
PLACE = "https://id.gs1.org/414/9520000000007"
QUESTIONS = (
    Question(f"trace forward: {FAMILY:,} lots found, page of {PAGE}", _forward, "< 50 ms"),
    Question("trace back to the field", _back),
    Question(f"search by time, page of {PAGE}", _search(EventQuestion(since=START))),
    Question("search by time, page from the middle", _search(EventQuestion(since=START), deep=True)),
    Question("search by step", _search(EventQuestion(steps=("shipping",)))),
    Question("search by place and step", _search(EventQuestion(steps=("shipping",), read_points=(PLACE,)))),
    Question("search by lot", _search(EventQuestion(lots=(b.LotRef(b.BULK_MELON, "L0000500").id,)))),
    Question("search for error declarations", _search(EventQuestion(declarations=True))),
    Question(f"stock of a party, page of {PAGE}", _stock),
)


def _spent(ask: Callable[[BigLedger], int], big: BigLedger) -> tuple[float, float]:
    """Seconds by the clock, and of the processor."""
    started, used = time.perf_counter(), time.process_time()
    ask(big)
    return time.perf_counter() - started, time.process_time() - used


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"
