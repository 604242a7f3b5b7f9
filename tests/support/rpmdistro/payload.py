# SPDX-License-Identifier: Apache-2.0
"""Makes an RPM of a directory tree."""

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xsbuild.host import process

HERE = Path(__file__).parent
EPOCH = 1_700_000_000
# Whatever the host's rpm would do to the files has been done in Debian, or must not be done.
_MACROS = {
    "_dbpath": "/nonexistent",
    "_libdir": "/usr/lib64",
    "_build_id_links": "none",
    "_binary_payload": "w1.zstdio",
    "_binaries_in_noarch_packages_terminate_build": "0",
    "_buildhost": "testdistro",
    "vendor": "testdistro",
    "debug_package": "%{nil}",
    "__spec_install_post": "%{nil}",
    "__check_files": "%{nil}",
    "__perl_provides": "%{nil}",
    "__perllib_provides": "%{nil}",
    "source_date_epoch_from_changelog": "0",
    "use_source_date_epoch_as_buildtime": "1",
    "clamp_mtime_to_source_date_epoch": "1",
    "_rpmfilename": "%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm",
}
_SPEC = """\
Name: {name}
Version: {version}
Release: {release}
Summary: {name} of the test distribution
License: see Debian's
{architecture}
AutoReq: no
{relations}
%description
Made for tests.
%files {files}
"""


@dataclass(slots=True)
class Payload:
    """The content of one package.

    Attributes:
        name: the package's name; `version`, `release`: its version.
        work: a directory of its own; the tree is `root` in it.
        noarch: it fits every architecture.
        entries: lines of ``%files``.
        provides: what it provides besides what rpm's generators find.
        requires: what it requires.
    """

    name: str
    version: str
    release: str
    work: Path
    noarch: bool = False
    entries: list[str] = field(default_factory=list)
    provides: list[str] = field(default_factory=list)
    requires: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        """Where its files are put."""
        return self.work / "root"

    def add_file(self, path: str, text: str, mode: int = 0o644) -> None:
        """Adds a file with some text."""
        file = self._place(path)
        file.write_text(text)
        self.list_file(path, mode)

    def add_link(self, path: str, target: str) -> None:
        """Adds a symbolic link, over one that is there."""
        link = self._place(path)
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        self.entries.append(_quoted(path))

    def add_directory(self, path: str, mode: int = 0o755) -> None:
        """Adds a directory that the package owns."""
        (self.root / path[1:]).mkdir(parents=True, exist_ok=True)
        self.entries.append(f"%dir %attr({mode:o},root,root) {_quoted(path)}")

    def list_file(self, path: str, mode: int) -> None:
        """Lists a file that is in the tree."""
        config = "%config(noreplace) " if path.startswith("/etc/") else ""
        # setuid, setgid and foreign owners mean nothing to the tests
        plain = stat.S_IMODE(mode) & 0o777
        self.entries.append(f"%attr({plain:o},root,root) {config}{_quoted(path)}")

    def build(self, folder: Path) -> Path:
        """Makes the package in a folder and returns its place."""
        self.root.mkdir(parents=True, exist_ok=True)
        (self.work / "files").write_text("".join(f"{line}\n" for line in sorted(set(self.entries))))
        spec = self.work / "package.spec"
        spec.write_text(self._spec())
        macros = {**_MACROS, "_topdir": str(self.work / "top"), "_rpmdir": str(self.work / "out")}
        defines = [word for pair in macros.items() for word in ("--define", " ".join(pair))]
        environment = {
            "HOME": str(self.work),
            "SOURCE_DATE_EPOCH": str(EPOCH),
            "MAGIC": str(HERE / "files/magic"),
        }
        process.run(
            ["rpmbuild", "-bb", "--quiet", "--noclean", "--buildroot", self.root, *defines, spec],
            env=environment,
        )
        (package,) = (self.work / "out").iterdir()
        return package.rename(folder / package.name)

    def _spec(self) -> str:
        relations = _tags("Provides", self.provides) + _tags("Requires", self.requires)
        return _SPEC.format(
            name=self.name,
            version=self.version,
            release=self.release,
            architecture="BuildArch: noarch" if self.noarch else "",
            relations="\n".join(relations),
            files=f"-f {self.work}/files" if self.entries else "",
        )

    def _place(self, path: str) -> Path:
        place = self.root / path[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


def _tags(tag: str, values: Sequence[str]) -> list[str]:
    return [f"{tag}: {value}" for value in sorted(set(values))]


def _quoted(path: str) -> str:
    # an unclosed bracket is no glob, and quoting would escape it
    if "[" in path and "]" not in path:
        return path
    # rpm takes backslashes away only where a name has a glob's characters
    escaped = re.sub(r"([\[\]*?{}\\])", r"\\\1", path) if re.search(r"[*?{\[]", path) else path
    return '"' + escaped.replace("%", "%%").replace('"', '\\"') + '"'
