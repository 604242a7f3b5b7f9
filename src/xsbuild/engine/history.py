# SPDX-License-Identifier: Apache-2.0
"""The last result of each task, to say what changed since and how long it will take."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xsbuild.engine.store import Result, Store
from xsbuild.files import storage
from xsbuild.planner.keys import Json, difference


@dataclass(frozen=True, slots=True)
class History:
    """Remembers, beside a store, which key each task had last.

    Attributes:
        store: where the results are.
    """

    store: Store

    def remember(self, task: str, key: str) -> None:
        """Notes the key of a task's newest result."""
        file = self._file(task)
        with storage(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_name(f".{file.name}.{key}")
            new.write_text(key)
            new.replace(file)

    def last(self, task: str) -> Result | None:
        """A task's newest result; None where there is none, or it was removed."""
        key = self._key(task)
        return self.store.find(key) if key else None

    def inputs(self, task: str) -> dict[str, Json] | None:
        """What a task's newest result was made from."""
        result = self.last(task)
        return self.store.inputs(result.key) if result else None

    def why(self, task: str, inputs: Mapping[str, Json]) -> str:
        """Says in words why a task is to be done, as it has no result of these inputs."""
        last = self.inputs(task)
        return "; ".join(difference(last, inputs)) if last else "never built here"

    def _key(self, task: str) -> str | None:
        try:
            return self._file(task).read_text()
        except FileNotFoundError:
            return None

    def _file(self, task: str) -> Path:
        return self.store.root / "last" / task
