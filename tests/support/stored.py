# SPDX-License-Identifier: Apache-2.0
"""A result to store; apart from the tests, so that processes that only store it start fast."""

from pathlib import Path

from xsbuild.store.keys import Json, key_of
from xsbuild.store.store import Package, Result, Store

INPUTS: dict[str, Json] = {"component": "xha", "sources": {"xha.tar.gz": "0" * 64}}
KEY = key_of(INPUTS)
XHA = Package("xha", "25.2.0-1~deb13", "amd64")
CONTENT = b"not really a package"


def commit(store: Store, content: bytes = CONTENT) -> Result:
    """Stores a package and a log."""
    with store.begin(KEY) as entry:
        (entry.folder / "xha.deb").write_bytes(content)
        (entry.folder / "logs").mkdir()
        (entry.folder / "logs" / "build.log").write_text("built\n")
        return entry.commit(
            inputs=INPUTS, packages={"xha.deb": XHA}, seconds={"build": 1.5}, builder="pbuilder"
        )


def find_or_commit(root: Path, made: Path) -> None:
    """What a task does; notes that it built."""
    store = Store(root)
    with store.lock(KEY):
        if store.find(KEY) is None:
            with made.open("a") as stream:
                stream.write("built\n")
            commit(store)
