"""The lock that is passed on in the order in which threads came."""

from __future__ import annotations

import threading
import time

import pytest

from ledger.turns import Turns


def test_they_follow_in_the_order_in_which_they_came() -> None:
    turns, order = Turns(), []

    def take(number: int) -> None:
        with turns:
            order.append(number)
            time.sleep(0.001)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(20)]
    with turns:
        for count, thread in enumerate(threads, 1):
            thread.start()
            while len(turns._line) < count:  # it stands in the line before the next one comes
                time.sleep(0.001)
    for thread in threads:
        thread.join(10)
    assert order == list(range(20))


def test_one_at_a_time() -> None:
    turns, inside, most = Turns(), [0], [0]

    def work() -> None:
        for _ in range(200):
            with turns:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (most, inside) == ([1], [0])
    assert not turns._taken


def test_who_had_it_and_comes_again_waits_behind_the_others() -> None:
    turns, order = Turns(), []

    def other() -> None:
        with turns:
            order.append("other")

    thread = threading.Thread(target=other)
    with turns:
        thread.start()
        while not turns._line:
            time.sleep(0.001)
    with turns:
        order.append("again")
    thread.join(10)
    assert order == ["other", "again"]


def test_an_error_gives_it_back() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns:
        raise ZeroDivisionError
    with turns:
        assert turns._taken
    assert not turns._taken
