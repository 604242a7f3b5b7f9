# SPDX-License-Identifier: Apache-2.0
"""Golden files: what templates rendered when somebody last looked at it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from xsbuild.recipes.tree import FileTree, write_tree

GOLDEN = Path(__file__).parent / "golden"
Compare = Callable[[str, FileTree], None]


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Compare:
    """Compares a tree with the golden folder of that name."""
    update = request.config.getoption("--update-golden")

    def check(folder: str, tree: FileTree) -> None:
        place = GOLDEN / folder
        if update:
            for file in _files(place):
                file.unlink()
            write_tree(tree, place)
        expected = {
            str(file.relative_to(place)): (file.read_text(), bool(file.stat().st_mode & 0o100))
            for file in _files(place)
        }
        rendered = {
            str(path): (file.content.decode(), file.executable) for path, file in tree.items()
        }
        assert rendered == expected

    return check


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
