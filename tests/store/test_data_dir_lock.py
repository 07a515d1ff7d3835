"""One process owns a data directory; a lock of a dead process is no lock."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.adapters.data_dir_lock import data_dir_lock
from ledger.domain.errors import LedgerBusy

HOLDER = """
import sys, time
from pathlib import Path
from ledger.adapters.data_dir_lock import data_dir_lock
with data_dir_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_owner_is_refused_and_told_the_first(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with data_dir_lock(path), pytest.raises(LedgerBusy, match=str(os.getpid())), data_dir_lock(path):
        pass
    with data_dir_lock(path):
        pass


def test_a_killed_owner_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(LedgerBusy, match=str(holder.pid)), data_dir_lock(path):
        pass
    holder.kill()
    holder.wait()
    holder.stdout.close()
    with data_dir_lock(path):
        assert path.read_text().strip() == str(os.getpid())
