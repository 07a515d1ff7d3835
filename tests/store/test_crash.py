"""Acknowledged means on disk: a process killed with -9 in mid-capture loses nothing that it acknowledged."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ledger_fixture import ledger_world

from ledger.domain.identifiers import LotRef

CHILD = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
import event_builders as b
from ledger.domain.identifiers import LotRef
from ledger_fixture import ledger_world
world = ledger_world(Path(sys.argv[1]), url=sys.argv[2])
print("ready", flush=True)
for batch in range(10_000):
    events = [b.harvest(lot=LotRef(b.BULK_MELON, f"C{batch}-{n}")) for n in range(7)]
    for record in world.record(*events):
        print(record.content_hash.hex(), flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 40, 100])
def test_killed_in_mid_capture(tmp_path: Path, url: str, acknowledged: int) -> None:
    support = Path(__file__).parent.parent / "support"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(tmp_path), url, str(support), str(support.parent.parent)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    seen = [child.stdout.readline().strip() for _ in range(acknowledged)]
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read().split()
    child.wait()
    # The last line may have been cut off by the kill.
    seen += [line for line in rest if len(line) == 64]

    world = ledger_world(tmp_path, url=url)
    stored = {event.content_hash.hex() for event in world.store.events(0, 100_000)}
    assert set(seen) <= stored
    assert len(stored) % 7 == 0, "a batch was stored in part"
    assert world.fsck() == []
    (again,) = world.capture([_first_event()])
    assert again.repeated
    world.store.close()


def _first_event() -> dict[str, object]:
    import event_builders

    return event_builders.harvest(lot=LotRef(event_builders.BULK_MELON, "C0-0"))
