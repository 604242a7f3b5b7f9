# SPDX-License-Identifier: Apache-2.0
"""A Debian archive of a few packages that need no download, as a private apt has fetched it."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from xsbuild.distros.apt import PrivateApt, make_private_apt


def fetch_small_archive(
    packages: Mapping[str, Mapping[str, str]], archive: Path, folder: Path
) -> PrivateApt:
    """Write an archive and let a private apt fetch its list of packages.

    Args:
        packages: name → the fields of its paragraph that matter.
        archive: an empty directory for the archive.
        folder: apt's Dir.
    """
    text = "\n".join(_paragraph(name, fields) for name, fields in packages.items())
    (archive / "Packages").write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    release = [
        f"Date: {format_datetime(datetime.now(UTC), usegmt=True)}",
        f"SHA256:\n {digest} {len(text.encode())} Packages\n",
    ]
    (archive / "Release").write_text("\n".join(release))
    apt = make_private_apt(folder, "amd64")
    source = f"Types: deb\nURIs: {archive.as_uri()}\nSuites: ./\nTrusted: yes\n"
    (apt.sources / "test.sources").write_text(source)
    apt.run("update")
    return apt


def _paragraph(name: str, fields: Mapping[str, str]) -> str:
    all_fields = {
        "Package": name,
        "Version": "1.0-1",
        "Architecture": "amd64",
        "Maintainer": "nobody",
        "Filename": f"pool/{name}.deb",
        "Size": "1",
        "SHA256": "0" * 64,
        **fields,
        "Description": name,
    }
    return "".join(f"{key}: {value}\n" for key, value in all_fields.items())
