# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for the archives of vendored OCaml libraries, which have no code.

The stand-in of xen-api compiles nothing. Of dune there is what its bootstrap leaves.
"""

import hashlib
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from upstreams import TIME
from xsbuild.manifest.libraries import Archive, Libraries
from xsbuild.yamlfile import load

from .debian import host_of
from .server import Internet
from .upstreams import compressed

_BOOTSTRAP = """\
let () =
  if not (Sys.file_exists "_boot") then Sys.mkdir "_boot" 0o755;
  let file = open_out_gen [Open_wronly; Open_creat; Open_trunc] 0o755 "_boot/dune.exe" in
  output_string file "#!/bin/sh\\necho 3.20.2\\n"; close_out file
"""


def serve_vendored(internet: Internet, lock: Path) -> None:
    """Serves an archive for each of a lock file's, and pins these in it.

    Args:
        internet: where.
        lock: a copy of the product's; its pins are replaced.
    """
    libraries = load(lock, Libraries)
    text = lock.read_text(encoding="utf-8")
    caches: dict[str, dict[str, bytes]] = {name: {} for name in libraries.opam_caches}
    for archive in libraries.archives:
        if not archive.has_file:
            continue
        content = _packed(archive)
        if archive.opam_cache:
            for old in archive.checksums:
                kind = old.partition("=")[0]
                new = hashlib.new(kind, content).hexdigest()
                caches[archive.opam_cache][f"cache/{kind}/{new[:2]}/{new}"] = content
                text = _replaced(text, old, f"{kind}={new}")
            continue
        if archive.sha256:
            text = _replaced(text, archive.sha256, hashlib.sha256(content).hexdigest())
        elif archive.sha512:
            text = _replaced(text, archive.sha512, hashlib.sha512(content).hexdigest())
        for url in _addresses(archive):
            internet.put(url, content)
    for name, cache in libraries.opam_caches.items():
        content = _tar("gz", {f"{name}/{path}": file for path, file in caches[name].items()})
        text = _replaced(text, cache.sha256, hashlib.sha256(content).hexdigest())
        internet.put(cache.url, content)
    lock.write_text(text, encoding="utf-8")


def _replaced(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new)


def _addresses(archive: Archive) -> list[str]:
    pool = archive.debian_pool and f"http://{host_of('debian')}/{archive.debian_pool}"
    return [url for url in (archive.url, pool) if url]


def _packed(archive: Archive) -> bytes:
    kind = _addresses(archive)[0].rpartition(".")[2]
    files = {"dune-project": f"(lang dune 3.0)\n(name {archive.name})\n".encode()}
    if archive.name == "dune":
        files["boot/bootstrap.ml"] = _BOOTSTRAP.encode()
    return _tar(kind, {f"{archive.folder}/{path}": file for path, file in files.items()})


def _tar(kind: str, files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.size, info.mtime = len(content), TIME
            archive.addfile(info, io.BytesIO(content))
    return compressed(packed.getvalue(), kind)
