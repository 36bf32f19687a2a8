"""Work spread over all cores."""

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import current_process, get_context, parent_process
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_ALONE, _MOST = 10, 60
"""Other processes take a second to start: of less work, they would make more. Windows waits for 60 at most."""

_given: list[Callable[[Any], Any]] = []
"""In another process than the first: what is done there. A tokenizer that came with each item would never be freed."""


def on_all_cores(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield ``work(item)`` for each item, in order; of many items, several are worked on at once.

    ``work``, once, and items go to other processes, so they must be picklable, and ``work`` depend on nothing else.
    A script that is run needs ``if __name__ == "__main__":``, since each of these processes imports it.
    """
    rest, cores = iter(items), 1 if current_process().daemon else min(_cores(), _MOST)
    yield from map(work, rest if cores == 1 else islice(rest, _ALONE))
    for first in rest:  # there is more
        yield from _beside(work, chain([first], rest), cores)


def _beside(work: Callable[[Item], Result], items: Iterator[Item], cores: int) -> Iterator[Result]:
    # Started anew, not forked: a fork of a process with threads, as torch and the tokenizers have, may never go on.
    executor = ProcessPoolExecutor(cores, get_context("spawn"), _begin, (work,))
    begun, futures = deque[Item](), deque[Future[Result]]()
    try:
        while True:
            for item in islice(items, 2 * cores - len(begun)):
                begun.append(item)
                futures.append(_submit(executor, item))
            if not begun:
                return
            yield futures[0].result()
            begun.popleft(), futures.popleft()
    except BrokenProcessPool:  # one was killed, or none can be started: what is left is done here
        yield from map(work, chain(begun, items))
    finally:
        executor.shutdown(cancel_futures=True)


def _submit(executor: ProcessPoolExecutor, item: Any) -> Future[Any]:
    """Have a process work on an item; those that are started for it leave Ctrl-C to this one."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        return executor.submit(_work, item)
    except OSError as error:
        raise BrokenProcessPool from error
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin(work: Callable[[Any], Any]) -> None:
    """Take the work that is done in this process, and end when the process does that asked for it."""
    _given.append(work)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _work(item: Any) -> Any:
    return _given[0](item)


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
