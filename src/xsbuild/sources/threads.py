# SPDX-License-Identifier: Apache-2.0
"""Many fetches at once."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

_THREADS = 8

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(
    function: Callable[[Item], Result], items: Sequence[Item]
) -> Iterator[tuple[Item, Result]]:
    """Apply a function to each item, several at once; yields results as they come.

    Unlike those of an executor, the threads are daemons: Ctrl-C ends the program at once, whatever
    a server keeps them waiting for.

    Args:
        function: must not raise.
        items: each is taken once.
    """
    todo: queue.SimpleQueue[Item] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[Item, Result] | None] = queue.SimpleQueue()
    for item in items:
        todo.put(item)

    def work() -> None:
        try:
            while True:
                item = todo.get_nowait()
                done.put((item, function(item)))
        except queue.Empty:
            return
        finally:
            done.put(None)

    threads = min(_THREADS, len(items))
    for _ in range(threads):
        threading.Thread(target=work, daemon=True).start()
    ended = 0
    while ended < threads:
        result = done.get()
        if result is None:
            ended += 1
        else:
            yield result
