"""`silkroot proof`: a bundle on standard output or in a file, which can be read back."""

from __future__ import annotations

from pathlib import Path

from command_desk import LOT, Run

from ledger.domain.bundle import read_bundle


def test_a_proof_is_written_and_read_back(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    assert run("proof", LOT, "--out", str(path)).code == 0
    bundle = read_bundle(path.read_bytes())
    assert str(bundle.lot).endswith(LOT.rpartition("/")[2])
    assert [type(event.proof.action).__name__ for event in bundle.events] == ["Harvest"]
    assert bundle.checkpoint is None
    told = run("proof", LOT, "--json", "--disclosures")
    assert read_bundle(told.out.encode()).events == bundle.events
