"""The bench's group `eas` with three records of each kind, on a real chain: its rows and its figures, but no times."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from benchmarks import eas, gas_records
from benchmarks.eas_peer import data_of, schema_of
from eth_abi.abi import decode

from ledger.domain.actions import Harvest, Receipt, Shipment

COUNT = 3
CASES = ("harvest", "handoff, whole lot, receiver new to it", "handoff, part of a lot, receiver has some")
WAYS = (
    "Silkroot", "EAS, `attest`", "EAS, `multiAttest`", "EAS, `multiAttestByDelegation`",
    "EAS, `multiAttestByDelegation`, content hash alone",
)  # fmt: skip


@pytest.mark.chain
async def test_every_row_stands_with_its_gas_and_its_ratio_to_silkroots(anvil_url: str, tmp_path: Path) -> None:
    figures = await eas.figures_on(anvil_url, tmp_path, COUNT)
    assert [figure.what for figure in figures] == [f"{case}: {way}" for case in CASES for way in WAYS]
    own = 0
    for figure in figures:
        match = re.fullmatch(r"([\d,]+) gas", figure.value)
        assert match, figure
        gas = int(match[1].replace(",", ""))
        assert gas > 0
        if figure.what.endswith(": Silkroot"):
            own = gas
            assert figure.target.startswith("< ")
        else:
            assert figure.beside == f"{gas / own:.1f} × Silkroot's"


def test_attestations_have_the_members_of_our_structs_but_the_deadline() -> None:
    assert [schema_of(struct) for struct in (Harvest, Shipment, Receipt)] == [
        "uint64 producer,uint64 product,string lotCode,bytes32 plot,uint16 season,uint64 grams,bytes32 contentHash",
        "uint64 shipper,uint64 receiver,string consignmentRef,(bytes32 lot,uint64 grams)[] manifest,"
        "bytes32 contentHash",
        "uint64 receiver,bytes32 consignment,bytes32 manifestHash,bytes32 contentHash",
    ]
    shipment = gas_records.cases(1)[1].sides[0][0]
    action = shipment.action
    assert isinstance(action, Shipment)
    types = ["uint64", "uint64", "string", "(bytes32,uint64)[]", "bytes32"]
    assert decode(types, data_of(shipment)) == (
        action.shipper, action.receiver, action.consignment_ref,
        tuple((line.lot, line.grams) for line in action.manifest), action.content_hash,
    )  # fmt: skip
