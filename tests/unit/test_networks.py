"""The networks that ship with the package."""

from __future__ import annotations

import pytest

from ledger.adapters.networks import GWEI, local_network, network_named, network_of
from ledger.domain.errors import NotFound


def test_the_local_chain_obeys_the_cap_of_a_transaction_and_confirms_at_once() -> None:
    local = local_network()
    assert local.network.confirmations == 1
    assert local.network.gas_cap == 16_777_216
    assert "--enable-tx-gas-limit" in local.anvil
    assert local.chain_id == local.network.chain_id == 31337


def test_a_known_chain_is_found_by_its_id_and_an_unknown_one_gets_the_defaults() -> None:
    assert network_of(1) == network_named("ethereum")
    unknown = network_of(424242)
    assert (unknown.name, unknown.chain_id, unknown.confirmations) == ("chain-424242", 424242, 12)
    assert unknown.min_fee == GWEI


def test_an_external_chain_with_the_local_ones_id_is_not_treated_as_the_local_one() -> None:
    assert network_of(31337).name != "local"


def test_an_unknown_name_lists_those_that_are_there() -> None:
    with pytest.raises(NotFound, match=r"no network 'moon'.*local, besu"):
        network_named("moon")
