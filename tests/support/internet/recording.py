# SPDX-License-Identifier: Apache-2.0
"""A copy of a Debian archive as it was once, signed by the test's own key.

The indexes are taken whole, and of the pool what is asked for; the host's mirror is asked only
once for each file. A copy is signed again because a mirror that is being synchronised has lists of
files that are not those of its Release file, and because some Release files expire in a week.
"""

import gzip
import hashlib
import lzma
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from debian.deb822 import Deb822

from debs import pack_deb
from xsbuild.host import process
from xsbuild.host.files import sha256_of
from xsbuild.host.locks import file_lock
from xsbuild.repos.signing import SigningKey, clearsign

_HELPER = "/usr/lib/apt/apt-helper"
_OPTIONS = ("-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3")
_PACKAGES = "main/binary-amd64/Packages.xz"
# of what no suite of security has lists of its own
_CONTENTS = ("main/Contents-amd64.gz", "main/Contents-all.gz")
_KEPT = (
    "Origin", "Label", "Suite", "Codename", "Date", "Description",
    "No-Support-for-Architecture-all",
)  # fmt: skip
_OF_FILE = ("Filename", "Size", "MD5sum", "SHA256")
_POOL = re.compile(r"^Filename: (.+)\n(?:.+\n)*?SHA256: (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Recording:
    """A copied archive.

    Attributes:
        folder: as it is on a mirror.
        mirror: the address of the one that is copied, without a slash at the end.
        suites: those of it.
        key: signs it.
        replaced: package → the files that it has instead of its own.
    """

    folder: Path
    mirror: str
    suites: Sequence[str]
    key: SigningKey
    replaced: Mapping[str, Mapping[str, bytes]]

    def start(self) -> None:
        """Copies the indexes of all suites, unless they are there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with file_lock(self.folder.with_suffix(".lock")):
            if (self.folder / "dists").exists():
                return
            with TemporaryDirectory(dir=self.folder) as work:
                for suite in self.suites:
                    self._copy_suite(suite, Path(work, "dists", suite))
                Path(work, "dists").rename(self.folder / "dists")

    def find(self, path: str) -> Path:
        """Where a file is; one of the pool is copied first, if the mirror has it."""
        place = self.folder / path
        if path.startswith("pool/") and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=self.folder) as work:
                draft = Path(work, "file")
                if self._download(path, draft, self._pool.get(path)):
                    draft.rename(place)
        return place

    def _copy_suite(self, suite: str, folder: Path) -> None:
        release = self._fetch(f"dists/{suite}/InRelease").decode()
        listed = [name for name in (_PACKAGES, *_CONTENTS) if f" {name}\n" in release]
        files = {name: self._fetch(f"dists/{suite}/{name}") for name in listed}
        files[_PACKAGES] = self._with_replaced(files[_PACKAGES])
        lines = []
        for name, content in files.items():
            plain = _unpacked(name, content)
            # apt looks for a file that is listed by its name without the compression
            lines.append(f" {_digest(plain)} {len(plain)} {name.rpartition('.')[0]}\n")
            digest = _digest(content)
            place = folder / name
            by_hash = place.parent / "by-hash/SHA256" / digest
            by_hash.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            by_hash.hardlink_to(place)
            lines.append(f" {digest} {len(content)} {name}\n")
        fields = Deb822(release.partition("\n\n")[2])
        head = "".join(f"{name}: {fields[name]}\n" for name in _KEPT if name in fields)
        text = f"{head}Architectures: all amd64\nComponents: main\nAcquire-By-Hash: yes\nSHA256:\n"
        (folder / "InRelease").write_bytes(clearsign(self.key, (text + "".join(lines)).encode()))

    def _with_replaced(self, packed: bytes) -> bytes:
        text = lzma.decompress(packed).decode()
        for name, files in self.replaced.items():
            found = re.search(rf"^Package: {re.escape(name)}\n(?:.+\n)+", text, re.MULTILINE)
            if found:
                paragraph = self._replace(Deb822(found[0]), files)
                text = f"{text[: found.start()]}{paragraph}{text[found.end() :]}"
        return lzma.compress(text.encode(), preset=0)

    def _replace(self, control: Deb822, files: Mapping[str, bytes]) -> str:
        """Makes a package in the place of the archive's; returns its paragraph of Packages."""
        place = self.folder / control["Filename"]
        place.parent.mkdir(parents=True, exist_ok=True)
        for name in _OF_FILE:
            control.pop(name, None)
        pack_deb(place, control.dump(), files)
        control["Filename"] = str(place.relative_to(self.folder))
        control["Size"] = str(place.stat().st_size)
        control["SHA256"] = sha256_of(place)
        return control.dump()

    def _fetch(self, path: str) -> bytes:
        with TemporaryDirectory(dir=self.folder) as work:
            file = Path(work, "file")
            if not self._download(path, file, None):
                pytest.fail(f"{self.mirror} has no {path}")
            return file.read_bytes()

    def _download(self, path: str, place: Path, digest: str | None) -> bool:
        words = [f"SHA256:{digest}"] if digest else []
        command = ["download-file", f"{self.mirror}/{path}", str(place), *words]
        return process.run([_HELPER, *_OPTIONS, *command], ok=(0, 100)).status == 0

    @cached_property
    def _pool(self) -> dict[str, str]:
        """File of the pool → its sha256."""
        packed = self.folder.glob(f"dists/*/{_PACKAGES}")
        texts = (lzma.decompress(file.read_bytes()).decode() for file in packed)
        return {path: digest for text in texts for path, digest in _POOL.findall(text)}


def _unpacked(name: str, content: bytes) -> bytes:
    return lzma.decompress(content) if name.endswith(".xz") else gzip.decompress(content)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
