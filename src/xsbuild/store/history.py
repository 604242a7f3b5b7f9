# SPDX-License-Identifier: Apache-2.0
"""The last result of each task, to explain changes since and estimate durations."""

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from xsbuild.host.files import storage, write_file
from xsbuild.store.keys import Json, key_changes, key_of
from xsbuild.store.store import Result, Store

REUSED = "the archives changed, its build dependencies did not"
_PERHAPS = "archive updated; the last result is reused if the same packages get installed"
FAILED = "FAILED"
NEVER = ("never built here",)
_KEY = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A build of a task, with time and reasons.

    Attributes:
        run: start of the run that built it, in seconds since the epoch.
        result: ``built``, ``reused`` or ``FAILED``.
        reasons: a sentence each.
    """

    run: float
    result: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The last key of each task and the reasons for its last build, kept beside a store.

    Attributes:
        store: the store of the results.
    """

    store: Store

    def remember(self, task: str, key: str) -> None:
        """Record the key of a task's newest result."""
        self._write(self._file(task), key)

    def last(self, task: str) -> Result | None:
        """Return a task's newest result, or None if there is none or it was removed."""
        key = self.key(task)
        return self.store.find(key) if key else None

    def inputs(self, task: str) -> dict[str, Json] | None:
        """Return the inputs of a task's newest result."""
        return self._inputs_of(self.key(task))

    def _inputs_of(self, key: str | None) -> dict[str, Json] | None:
        result = self.store.find(key) if key else None
        return self.store.inputs(result.key) if result else None

    def former(self, task: str, inputs: Mapping[str, Json]) -> Result | None:
        """Return a task's newest result, if it can be reused once the same packages get installed.

        That is, if only the buildroot differs in its inputs, and its installed packages are known.
        """
        last = self.last(task)
        if last is None or not self.store.installed(last.key):
            return None
        before, now = (
            key_of({**made_from, "buildroot": None})
            for made_from in (self.store.inputs(last.key), inputs)
        )
        return last if before == now else None

    def why(self, task: str, inputs: Mapping[str, Json]) -> tuple[str, ...]:
        """Explain why a task has no result of these inputs."""
        if self.former(task, inputs):
            return (_PERHAPS,)
        last = self.inputs(task)
        return tuple(_changes(last, inputs)) if last else NEVER

    def why_done(self, former: str | None, key: str) -> tuple[str, ...]:
        """Explain why a task was built.

        Args:
            former: the key of its previous result.
            key: the key of its present result.
        """
        before, now = self._inputs_of(former), self._inputs_of(key)
        if not (former and before and now):
            return NEVER
        packages = [self.store.installed(one) for one in (former, key)]
        if all(packages):  # they explain a change of the archives
            before["buildroot"], now["buildroot"] = map(_versions, packages)
        return tuple(_changes(before, now))

    def note(self, task: str, rebuilt: Rebuilt) -> None:
        """Record why a task was built."""
        self._write(self._why_file(task), json.dumps(asdict(rebuilt)))

    def noted(self, task: str) -> Rebuilt | None:
        """Return the recorded reasons for the last build of a task, or None."""
        try:
            data = json.loads(self._why_file(task).read_bytes())
            time.localtime(data["run"])  # raises OverflowError for what is no time
            return Rebuilt(data["run"], str(data["result"]), tuple(map(str, data["reasons"])))
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return None

    def key(self, task: str) -> str | None:
        """Return the key of a task's newest result."""
        try:
            key = self._file(task).read_text(errors="replace")
        except OSError:
            return None
        return key if _KEY.fullmatch(key) else None

    def _write(self, file: Path, text: str) -> None:
        with storage(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            write_file(file, text)

    def _file(self, task: str) -> Path:
        return self.store.root / "last" / task

    def _why_file(self, task: str) -> Path:
        return self.store.root / "why" / f"{task}.json"


def _changes(before: Mapping[str, Json], now: Mapping[str, Json]) -> Iterator[str]:
    """Like `key_changes`, but another builder counts as one change."""
    old, new = (_builder_name(inputs) for inputs in (before, now))
    if old != new:
        yield f"another builder: {new}, before {old}"
        before, now = ({**inputs, "builder": None} for inputs in (before, now))
    yield from key_changes(before, now)


def _builder_name(inputs: Mapping[str, Json]) -> Json:
    builder = inputs.get("builder")
    return builder.get("name") if isinstance(builder, Mapping) else None


def _versions(packages: Sequence[str]) -> dict[str, Json]:
    """Name → version, or versions where several are installed side by side."""
    found: dict[str, list[str]] = {}
    for package in packages:
        name, _, version = package.partition("=")
        found.setdefault(name, []).append(version)
    return {name: ", ".join(versions) for name, versions in found.items()}
