# SPDX-License-Identifier: Apache-2.0
"""Makes RPMs of Python packages that Debian has not, or not in a version that is new enough."""

import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from xsbuild.host import process

from .payload import Payload
from .recipe import Recipe

_MODULES = "/usr/lib/python3/dist-packages"
_PROGRAM = """\
#!/usr/bin/python3
from importlib.metadata import entry_points
(program,) = entry_points(group="console_scripts", name="{name}")
raise SystemExit(program.load()())
"""


def make_wheels(recipe: Recipe, extra: str, folder: Path) -> Iterator[Path]:
    """Makes the packages of an extra in a folder."""
    for name, requirement in recipe.wheels.get(extra, {}).items():
        project, _, version = requirement.split()[0].partition("==")
        with TemporaryDirectory(dir=folder, prefix=".work-") as work:
            payload = Payload(
                name,
                version,
                "1",
                Path(work),
                noarch=True,
                provides=[f"python3dist({project}) = {version}"],
                requires=["filesystem", "python3", *recipe.change(name).requires],
            )
            _install(requirement, payload)
            yield payload.build(folder)


def _install(requirement: str, payload: Payload) -> None:
    file = payload.work / "requirements.txt"
    file.write_text(requirement + "\n")
    target = payload.root / _MODULES[1:]
    options = ("--quiet", "--no-deps", "--no-compile", "--require-hashes", "--only-binary=:all:")
    process.run([sys.executable, "-m", "pip", "install", *options, "--target", target, "-r", file])
    for program in target.glob("bin/*"):
        program.unlink()
        payload.add_file(f"/usr/bin/{program.name}", _PROGRAM.format(name=program.name), 0o755)
    for path in sorted(target.rglob("*")):
        if path.is_file():
            place = f"/{path.relative_to(payload.root)}"
            payload.list_file(place, stat.S_IMODE(path.stat().st_mode))
