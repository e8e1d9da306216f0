"""Where the batches of a search run: threads, a pool of processes or a cluster. The scores are the same to the bit."""

from __future__ import annotations

import asyncio
import logging
import mmap
import os
import pickle
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import Any, Final

from trading.backtest.trials import Batch, Ground, Scores, score
from trading.core.errors import BadInput

#: Candles x runs from which processes are worth their start (a second or two, ten of the compiled kernel).
#: Under it threads do: the kernel runs outside the interpreter's lock.
PROCESSES_FROM: Final = 5_000_000_000
CONNECT_S: Final = 5.0
_ALIGN: Final = 64

Record = Callable[[Batch, list[Scores]], None]
Submit = Callable[[Batch], "Future[list[Scores]]"]


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works. workers: None = every core. cluster: address of a dask scheduler. processes: None = by the work."""

    workers: int | None = None
    cluster: str | None = None
    processes: bool | None = None


def cores() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run(ground: Ground, batches: Sequence[Batch], crew: Crew, record: Record) -> None:
    """Scores all batches; `record` gets each result in this thread, in whatever order they end.

    On Ctrl-C what runs is finished and recorded, the rest is dropped, and KeyboardInterrupt goes on. Raises BadInput
    where workers or the cluster cannot be had or are lost.
    """
    if not batches:
        return
    with _opened(ground, batches, crew) as submit:
        waiting = {submit(batch): batch for batch in batches}
        try:
            for future in as_completed(waiting):
                record(waiting.pop(future), future.result())
        except BaseException as stop:
            for future in waiting:
                future.cancel()
            if isinstance(stop, KeyboardInterrupt):
                for future in wait(waiting).done:
                    if not future.cancelled() and future.exception() is None:
                        record(waiting[future], future.result())
            raise


@contextmanager
def _opened(ground: Ground, batches: Sequence[Batch], crew: Crew) -> Iterator[Submit]:
    if crew.cluster:
        with _cluster(ground, crew.cluster) as submit:
            yield submit
        return
    candles = sum(len(series.execution) for series in ground.series)
    work = candles * sum(len(batch.numbers) for batch in batches)
    processes = work >= PROCESSES_FROM if crew.processes is None else crew.processes
    workers = min(crew.workers or cores(), len(batches))
    with (_processes if processes else _threads)(ground, workers) as submit:
        yield submit


@contextmanager
def _threads(ground: Ground, workers: int) -> Iterator[Submit]:
    with ThreadPoolExecutor(workers) as pool:
        yield lambda batch: pool.submit(score, ground, batch)


# -- processes ---------------------------------------------------------------------------------------------------------


@contextmanager
def _processes(ground: Ground, workers: int) -> Iterator[Submit]:
    with tempfile.TemporaryDirectory(prefix="haetae-") as folder:
        path = Path(folder) / "ground"
        write_ground(path, ground)
        try:
            with ProcessPoolExecutor(workers, get_context("spawn"), _begin, (path,)) as pool:
                yield lambda batch: pool.submit(_score_here, batch)
        except BrokenProcessPool:
            raise BadInput("optimize.worker_lost") from None


def write_ground(path: Path, ground: Ground) -> None:
    """Puts the ground where workers map it: the arrays lie in memory once, however many workers read them."""
    buffers: list[pickle.PickleBuffer] = []
    frame = pickle.dumps(ground, protocol=5, buffer_callback=buffers.append)
    places = []
    with path.open("wb") as file:
        for buffer in buffers:
            file.write(bytes(-file.tell() % _ALIGN))
            raw = buffer.raw()
            places.append((file.tell(), raw.nbytes))
            file.write(raw)
        start = file.tell()
        file.write(pickle.dumps((frame, places)))
        file.write(start.to_bytes(8, "big"))


def read_ground(path: Path) -> Ground:
    """The ground written there; what is written into its arrays stays in this process."""
    with path.open("rb") as file:
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    start = int.from_bytes(whole[-8:], "big")
    frame, places = pickle.loads(whole[start:-8])
    ground = pickle.loads(frame, buffers=[whole[place : place + size] for place, size in places])
    assert isinstance(ground, Ground)
    return ground


_here: Ground  # this worker's


def _begin(path: Path) -> None:
    """A worker's first act. Ctrl-C is the parent's business; a worker whose parent is gone ends itself."""
    global _here
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _here = read_ground(path)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _score_here(batch: Batch) -> list[Scores]:
    return score(_here, batch)


# -- a cluster ---------------------------------------------------------------------------------------------------------


@contextmanager
def _cluster(ground: Ground, address: str) -> Iterator[Submit]:
    """The workers of a dask scheduler, through its executor with the interface of `concurrent.futures`."""
    try:
        distributed: Any = import_module("dask.distributed")
    except ImportError:
        raise BadInput("optimize.no_distributed") from None
    for name in ("distributed", "distributed.client"):  # it is said in one sentence here
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if not _workers_of(address):
        raise BadInput("optimize.no_cluster_workers", address=address)
    with distributed.Client(address, timeout=CONNECT_S, set_as_default=False) as client:
        try:
            shared = client.scatter(ground, broadcast=True)
        except Exception as error:  # noqa: BLE001 - a worker's error comes as a plain one, with its text
            raise BadInput("optimize.cluster_lost", address=address, why=_first_line(error)) from None
        lost = (distributed.KilledWorker, distributed.CancelledError, CancelledError, ImportError)
        try:
            with client.get_executor(pure=False) as pool:
                yield lambda batch: pool.submit(score, shared, batch)
        except lost as error:
            raise BadInput("optimize.cluster_lost", address=address, why=_first_line(error)) from None


def _workers_of(address: str) -> int:
    """How many workers the scheduler has. Raises BadInput where none answers as one."""
    core: Any = import_module("distributed.core")
    security: Any = import_module("distributed.security")

    async def ask() -> int:
        secured = security.Security().get_connection_args("client")
        async with core.rpc(address, timeout=CONNECT_S, connection_args=secured) as scheduler:
            return len((await scheduler.identity())["workers"])

    try:
        return asyncio.run(asyncio.wait_for(ask(), CONNECT_S))
    except Exception as error:  # noqa: BLE001 - what answers there may be anything, a web server too
        raise BadInput("optimize.no_cluster", address=address, why=_first_line(error)) from None


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
