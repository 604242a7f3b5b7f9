# SPDX-License-Identifier: Apache-2.0
"""The product's manifest with a few of its components, to build them alone."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def project_with(folder: Path, components: Iterable[str]) -> Path:
    """Writes a project that has some of the product's components, and returns its folder.

    Args:
        folder: made for it.
        components: their names; nothing that they need of others is added.
    """
    shutil.copytree(ROOT / "files", folder / "files")
    for name in ("debian", "specs", "patches", "vendor"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
    data = yaml.safe_load((ROOT / "components.yaml").read_text())
    some = {name: data["components"][name] for name in components}
    text = yaml.safe_dump({"product": data["product"], "components": some}, sort_keys=False)
    (folder / "components.yaml").write_text(text)
    return folder
