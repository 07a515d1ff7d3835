"""
A child process that ends with the one that started it, even if that is by kill -9.

On Linux the kernel sees to it (PR_SET_PDEATHSIG): it kills the child when the thread that started it ends. Elsewhere
there is no such tie. Imports nothing that a process which only forks would have to carry.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> Callable[[], None] | None:
    """
    What a child does between fork and exec, so that it ends with that process. Bound before the fork: after it only
    simple calls are safe.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def tie() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # the service died before the tie was made
            os._exit(1)

    return tie
