"""
Processes that work on bytes beside this one, forked from it before it had threads, so that what was imported is common
memory and each is there in a moment.

`Nursery.fork` makes a process that does nothing but fork workers when it is asked: by then this one has threads, and a
fork would copy what they hold. A worker serves one socket, of which nobody else has an end: when this process is gone,
however it ended, the worker reads the end of it and ends too (on Linux the kernel kills both at once).

A frame is its length and its kind (9 bytes, big-endian), then its bytes. The first frame to a worker configures it;
each one after that is a request, answered by questions, to be answered one by one, and then by a result or a failure.
Raises `WorkerLost` where a worker ended or did not answer in time: nothing came of the request, and the next one meets
a new worker; `NoWorker` where there is none to be had.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import signal
import socket
import struct
import threading
import traceback
from collections.abc import Callable
from queue import LifoQueue

from ledger.adapters.tied_process import die_with
from ledger.domain.errors import NoWorker, WorkerLost

_LOG = logging.getLogger(__name__)
Ask = Callable[[bytes], bytes]
Work = Callable[[bytes, Ask], bytes]
Make = Callable[[bytes], Work]
"""What a worker does first with its configuration: it gives what answers requests."""

_HEAD = struct.Struct(">QB")
_REQUEST, _QUESTION, _ANSWER, _RESULT, _FAILED = range(5)
_PR_SET_NAME = 15
_LONGEST_NAME = 15
WORKER = "silkroot-work"
_BUFFER = 1 << 20
_WORK_SECONDS = 60.0
"""A worker that says nothing for so long is taken for hanging, and killed."""
_BIRTH_SECONDS = 30.0


class WorkerFailed(Exception):
    """The worker met a mistake of ours; it tells its traceback."""


class Nursery:
    """The process that forks workers. May be asked by several threads."""

    def __init__(self, control: socket.socket, pid: int) -> None:
        self._control = control
        self._lock = threading.Lock()
        self.pid = pid

    @classmethod
    def fork(cls, make: Make) -> Nursery:
        """To be called before there are threads. `make` is what each worker calls with its configuration."""
        ours, theirs = socket.socketpair()
        # What is there by now is never collected in either, and so not written to for that: it stays common memory.
        gc.collect()
        gc.freeze()
        tie = die_with(os.getpid())
        born = os.fork()
        if not born:
            _become(lambda: _nurse(theirs, make), tie, "silkroot-fork", close=ours)
        theirs.close()
        ours.settimeout(_BIRTH_SECONDS)
        return cls(ours, born)

    def worker(self, configuration: bytes, name: str = WORKER, patience: float | None = None) -> Worker:
        """
        A new worker, which the system lists under that name, up to 15 bytes. `patience`: after how many seconds without
        a word it is taken for hanging. `NoWorker` where the nursery is gone or does not answer.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                socket.send_fds(self._control, [name.encode()[:_LONGEST_NAME]], [theirs.fileno()])
            # On its own link, where no number can come that is of another one, which was born too late.
            ours.settimeout(_BIRTH_SECONDS)
            told = ours.recv(32)
            if not told:
                raise NoWorker("the process that workers are forked from is gone")
            worker = Worker(ours, int(told), _WORK_SECONDS if patience is None else patience)
            worker.configure(configuration)
        except OSError as error:
            ours.close()
            raise NoWorker(f"no worker could be started: {error}") from error
        return worker

    def close(self) -> None:
        """Ends it, and waits until it has."""
        self._control.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


class Worker:
    """One worker; used by one thread at a time."""

    def __init__(self, link: socket.socket, pid: int, patience: float) -> None:
        self._link = link
        self._patience = patience
        self.pid = pid
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        link.settimeout(patience)

    def configure(self, configuration: bytes) -> None:
        """Before the first request."""
        _send(self._link, _REQUEST, configuration)

    def work(self, request: bytes, answer: Ask) -> bytes:
        """What comes of the request. `WorkerLost`: use this one no more; `WorkerFailed`: it goes on."""
        try:
            _send(self._link, _REQUEST, request)
            while True:
                kind, data = _receive(self._link)
                if kind != _QUESTION:
                    break
                _send(self._link, _ANSWER, answer(data))
        except TimeoutError as error:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            raise WorkerLost(f"process {self.pid} did not answer for {self._patience:.0f} s; send it again") from error
        except (OSError, EOFError) as error:
            raise WorkerLost(f"process {self.pid}, which was at it, ended; send it again") from error
        if kind == _FAILED:
            raise WorkerFailed(data.decode(errors="replace"))
        return data

    def close(self) -> None:
        """Ends it, once it has done what it is at."""
        self._link.close()


class WorkerPool:
    """
    At most `count` workers, each born when it is needed first, and in place of one that died when it is needed again.
    May be used by several threads; who finds all at work waits. `name` and `patience` as in `Nursery.worker`.
    """

    def __init__(
        self, nursery: Nursery, configuration: bytes, count: int, name: str = WORKER, patience: float | None = None
    ) -> None:
        self.count = count
        self._name = name
        self._patience = patience
        self._nursery = nursery
        self._configuration = configuration
        # The last that was used comes first: where one is enough, the other is never born.
        self._idle: LifoQueue[Worker | None] = LifoQueue()
        for _ in range(count):
            self._idle.put(None)
        self._orphaned = False  # and told so, once
        self._closed = False

    def work(self, request: bytes, answer: Ask) -> bytes:
        """What comes of the request; see `Worker.work`."""
        worker = self._idle.get()
        try:
            if worker is None:
                if self._closed:
                    raise NoWorker("there are no workers any more")
                worker = self._nursery.worker(self._configuration, self._name, self._patience)
            return worker.work(request, answer)
        except WorkerFailed:
            raise
        except BaseException as error:
            # Also where a question could not be answered: the worker still waits for it.
            if worker is not None:
                worker.close()
                worker = None
            if isinstance(error, WorkerLost) and not self._orphaned:
                self._orphaned = isinstance(error, NoWorker)
                _LOG.warning("%s", error)
            raise
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """
        Ends the workers, each once it has done what it is at. Whoever asks for one later, as a thread may whose task
        was cancelled, hears that there is none.
        """
        self._closed = self._orphaned = True
        for worker in [self._idle.get() for _ in range(self.count)]:
            if worker is not None:
                worker.close()
            self._idle.put(None)


# ------------------------------------------------------------------------------------------------- in the new processes


def _become(work: Callable[[], None], tie: Callable[[], None] | None, name: str, *, close: socket.socket) -> None:
    """What a process is from its fork to its end; never returns."""
    code = 1
    try:
        close.close()
        if tie is not None:
            tie()
            ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode()[:_LONGEST_NAME], 0, 0, 0)
        # Ctrl-C is for the one that ends all in order.
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _nurse(control: socket.socket, make: Make) -> None:
    # The kernel buries the workers.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        name, descriptors, _, _ = socket.recv_fds(control, _LONGEST_NAME, 1)
        if not name:
            return
        link = socket.socket(fileno=descriptors[0])
        tie = die_with(os.getpid())
        born = os.fork()
        if not born:
            _become(lambda: _serve(link, make), tie, name.decode(), close=control)  # noqa: B023 - never returns
        with link, contextlib.suppress(OSError):  # who asked may not wait any more
            link.send(b"%d" % born)


def _serve(link: socket.socket, make: Make) -> None:
    def ask(question: bytes) -> bytes:
        _send(link, _QUESTION, question)
        return _receive(link)[1]

    try:
        work = make(_receive(link)[1])
        while True:
            _, request = _receive(link)
            try:
                kind, answer = _RESULT, work(request, ask)
            except (EOFError, OSError):
                raise
            except Exception:
                kind, answer = _FAILED, traceback.format_exc().encode()
            del request
            _send(link, kind, answer)
            del answer
    except (EOFError, OSError):
        return  # whoever asked is gone


def _send(link: socket.socket, kind: int, data: bytes) -> None:
    link.sendall(_HEAD.pack(len(data), kind))
    link.sendall(data)


def _receive(link: socket.socket) -> tuple[int, bytes]:
    """The next frame: its kind and its bytes. `EOFError` where the other end is gone."""
    size, kind = _HEAD.unpack(_exactly(link, _HEAD.size))
    return kind, _exactly(link, size)


def _exactly(link: socket.socket, count: int) -> bytes:
    if link.gettimeout() is None:
        # At once into the bytes that are given back: a document of megabytes is not in memory twice.
        whole = link.recv(count, socket.MSG_WAITALL)
        if len(whole) == count:
            return whole
        if not whole:
            raise EOFError
        # This process was stopped meanwhile, as it is when the machine sleeps.
        return whole + _exactly(link, count - len(whole))
    data = bytearray(count)
    view, filled = memoryview(data), 0
    while filled < count:
        got = link.recv_into(view[filled:])
        if not got:
            raise EOFError
        filled += got
    view.release()
    return bytes(data)
