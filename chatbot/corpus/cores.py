"""Work spread over all cores."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_ALONE = 10
"""Other processes take a second to start: of less work, they would make more."""


def on_all_cores(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield ``work(item)`` for each item, in order; of many items, several are worked on at once.

    ``work`` and items go to other processes, so they must be picklable, and ``work`` must depend on nothing else.
    """
    rest, cores = iter(items), _cores()
    yield from map(work, rest if cores == 1 else islice(rest, _ALONE))
    for first in rest:  # there is more
        yield from _beside(work, chain([first], rest), cores)


def _beside(work: Callable[[Item], Result], items: Iterator[Item], cores: int) -> Iterator[Result]:
    # Started anew, not forked: a fork of a process with threads, as torch and the tokenizers have, may never go on.
    executor = ProcessPoolExecutor(cores, get_context("spawn"), _begin)
    begun, futures = deque[Item](), deque[Future[Result]]()
    try:
        while True:
            for item in islice(items, 2 * cores - len(begun)):
                begun.append(item)
                futures.append(executor.submit(work, item))
            if not begun:
                return
            yield futures[0].result()
            begun.popleft(), futures.popleft()
    except BrokenProcessPool:  # one was killed, or none can be started: what is left is done here
        yield from map(work, chain(begun, items))
    finally:
        executor.shutdown(cancel_futures=True)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin() -> None:
    """Leave Ctrl-C to the process that asked for the work, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
