# SPDX-License-Identifier: Apache-2.0
"""Limits of time and memory for templates, whose author may be a stranger."""

import resource
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Literal

from jinja2.exceptions import SecurityError
from jinja2.filters import do_round
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

SECONDS = 1.0  # of processor time; the largest recipe of this project takes a hundredth of it
MEBIBYTES = 512
_CHECKED_EVERY_SECONDS = 0.05
_BITS = 1 << 20  # of a number


class LimitError(SecurityError):
    """A template exceeds a limit."""


class LimitedEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox without single operations that take long.

    `limited` ends the rest: Python calls a signal handler between two operations, never within one.
    """

    intercepted_binops = frozenset(("**",))

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Evaluate a power; see `SandboxedEnvironment.call_binop`."""
        if isinstance(left, int) and isinstance(right, int):
            _check_power(left, right)
        return super().call_binop(context, operator, left, right)


def limited_round(
    value: float, precision: int = 0, method: Literal["common", "ceil", "floor"] = "common"
) -> float:
    """Round as Jinja's filter ``round`` does, which computes a power of ten.

    Raises:
        LimitError: the power is too large.
    """
    _check_power(10, precision)
    return do_round(value, precision, method)


def _check_power(base: int, exponent: int) -> None:
    if base.bit_length() * exponent > _BITS:
        raise LimitError(f"a number of more than {_BITS} bits")


@contextmanager
def limited() -> Iterator[None]:
    """Bound the time and memory of a block, in the main thread.

    A plan renders every recipe in the main thread before a task renders the same again.

    Raises:
        LimitError: a limit is exceeded; raised within the block.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # The limit of memory is the process's: neither threads nor their children shall meet it.
    alone = threading.active_count() == 1
    with _time_limit(), _memory_limit() if alone else nullcontext():
        yield


@contextmanager
def _time_limit() -> Iterator[None]:
    end = time.thread_time() + SECONDS

    def check(_number: int, _frame: FrameType | None) -> None:
        if time.thread_time() > end:
            # The next signal shall not interrupt the handling of this error.
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS, SECONDS)
            raise LimitError(f"rendering takes more than {SECONDS:.0f} second")

    former = signal.signal(signal.SIGVTALRM, check)
    signal.setitimer(signal.ITIMER_VIRTUAL, _CHECKED_EVERY_SECONDS, _CHECKED_EVERY_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, former)


@contextmanager
def _memory_limit() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = _address_space() + (MEBIBYTES << 20)
    limits = [value for value in (most, soft, hard) if value != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
    try:
        yield
    except MemoryError as error:
        limit = LimitError(f"rendering takes more than {MEBIBYTES} MiB of memory")
        raise limit.with_traceback(error.__traceback__) from error
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space() -> int:
    """Return the size of this process's address space in bytes (proc(5), statm)."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()
