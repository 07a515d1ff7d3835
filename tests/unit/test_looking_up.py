"""When a transaction hopes, when it asks first, and what is done again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.domain.errors import Conflict, LedgerBusy
from ledger.domain.identifiers import ContentHash, Digest, KeyId, PartyId
from ledger.domain.merkle import SignatureHash
from ledger.services.looking_up import LOOK_UPS, Hope, InVain
from ledger.services.prepared_statements import PreparedStatement

_HASH = bytes(32)
SIGNED = PreparedStatement(
    0, PartyId(1), _HASH, "urn:x", False, ContentHash(_HASH), Digest(_HASH), 0, (), False,
    (PartyId(1), PartyId(1), KeyId(_HASH), None, 0), 0, None, (b"{}", b"{}", _HASH, SignatureHash(_HASH)),
)  # fmt: skip


def told(hope: Hope, *errors: BaseException | None) -> list[bool]:
    """What a transaction is told each time that it is done; it ends so."""
    found: list[bool] = []
    ends = list(errors)

    def work(hopeful: bool) -> None:
        found.append(hopeful)
        if ends and (error := ends.pop(0)) is not None:
            raise error

    hope.first([SIGNED], work)
    return found


@pytest.mark.parametrize("error", [Conflict("there"), InVain()], ids=["a duplicate", "refusals"])
def test_what_hoped_in_vain_is_done_again_and_so_many_ask_first(error: Exception) -> None:
    hope = Hope()
    assert told(hope) == [True]
    assert told(hope, error) == [True, False]
    assert [told(hope) for _ in range(LOOK_UPS)] == [[False]] * LOOK_UPS
    assert told(hope) == [True]


@pytest.mark.parametrize("error", [Conflict("there"), InVain(), LedgerBusy("held")])
def test_what_one_that_asked_raises_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)):
        told(Hope(), Conflict("there"), error)
    with pytest.raises(type(error)):
        told(Hope(looking_up=1), error)


def test_another_error_ends_it_and_the_next_ones_ask_first() -> None:
    hope = Hope()
    with pytest.raises(LedgerBusy):
        told(hope, LedgerBusy("held"))
    assert [told(hope) for _ in range(LOOK_UPS)] == [[False]] * LOOK_UPS
    assert told(hope) == [True]


def test_what_ends_the_process_ends_it() -> None:
    with pytest.raises(SystemExit):
        told(Hope(), SystemExit(7))


def test_what_has_nothing_signed_asks_and_is_not_counted() -> None:
    hope = Hope(looking_up=1)
    assert [hope.first([], lambda hopeful: hopeful) for _ in range(3)] == [False] * 3
    assert [told(hope), told(hope)] == [[False], [True]]


def test_many_threads_that_count_at_once_come_to_an_end() -> None:
    hope = Hope(looking_up=500)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: told(hope), range(1_000)))
    assert told(hope) == [True]
