# SPDX-License-Identifier: Apache-2.0
"""Both families package documents of one name, and names that tools would take apart."""

import dataclasses
import re
from pathlib import Path, PurePosixPath

import pytest
from pydantic import ValidationError

from greetings import request_for
from xsbuild.host import process
from xsbuild.manifest.model import Package
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.documents import documents
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.rpm import render_rpm
from xsbuild.recipes.tree import write_tree
from xsbuild.sources.packing import compress, pack_folder


def request(distro: str, folder: str, docs: list[str]) -> RecipeRequest:
    """The component `greet-data`, of which nothing is built, with some documents."""
    asked = request_for("greet-data", distro, folder=folder)
    package = Package(architecture="all", docs=tuple(docs))
    component = asked.component.model_copy(update={"packages": {"greet-data": package}})
    return dataclasses.replace(asked, component=component)


@pytest.mark.parametrize(
    ("docs", "folders"),
    [
        (["README", "NEWS"], ["", ""]),
        (["README", "tools/README"], ["", "tools"]),
        (["a/b/README", "c/README", "c/NEWS"], ["a/b", "c", ""]),
        (["doc/*.md", "README.md"], ["doc", ""]),
        (["doc/*.md", "more/*.txt"], ["", ""]),
        (["one/R*", "two/*.md"], ["one", "two"]),
        (["html/", "old/html"], ["", "old"]),
        (["README", "README"], [""]),
    ],
)
def test_documents_of_one_name_keep_their_directories(docs: list[str], folders: list[str]) -> None:
    assert [folder for _, folder in documents(Package(docs=tuple(docs)))] == folders


@pytest.mark.parametrize("path", ["*/README", "doc/[ab]/x", "a?/b/c"])
def test_wildcards_for_directories_are_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="wildcards only in its last part"):
        Package(docs=(path,))


TREES = [
    (["README"], {"README"}),
    (["Read Me.txt"], {"Read Me.txt"}),
    (["it's (new) & 1.txt"], {"it's (new) & 1.txt"}),
    (["README", "a b/README", "c/d/README"], {"README", "a b/README", "c/d/README"}),
    (["doc/*.md", "README.md"], {"doc/one.md", "doc/two x.md", "README.md"}),
    (["COPYING", "lib/COPYING"], {"COPYING", "lib/COPYING"}),
    (["100%.txt", "naïve.txt"], {"100%.txt", "naïve.txt"}),
]


@pytest.mark.parametrize(("docs", "files"), TREES)
def test_a_spec_file_packs_them(tmp_path: Path, docs: list[str], files: set[str]) -> None:
    for name in files:
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    write_tree(render_rpm(request("centos-stream-10", "specs", docs)), tmp_path)
    tar = tmp_path / "tree.tar"
    pack_folder(tmp_path / "tree", "greet-data-7", None, tar)
    compress(tar, tmp_path / "greet-data-7.tar.gz")
    defines = [f"--define=_topdir {tmp_path}/top", f"--define=_sourcedir {tmp_path}"]
    env = {"HOME": str(tmp_path)}
    process.run(["rpmbuild", "-bb", *defines, tmp_path / "greet-data.spec"], env=env)
    (built,) = tmp_path.rglob("*.rpm")
    form = "--queryformat=[%{FILEMODES:perms} %{FILENAMES}\n]"
    listed = process.run(["rpm", "-qp", form, built], env=env).output
    found = re.findall(r"^-\S+ /usr/share/(?:doc|licenses)/[^/]+/(.*)$", listed, re.MULTILINE)
    assert set(found) == files


def test_debhelper_gets_them() -> None:
    docs = ["README", "a b/README", "c/d/README", "NEWS"]
    tree = render_debian(request("debian-13", "debian", docs))
    assert tree[PurePosixPath("greet-data.docs")].content.decode() == "README\nNEWS\n"
    assert tree[PurePosixPath("greet-data.install")].content.decode() == (
        "a${Space}b/README usr/share/doc/greet-data/a${Space}b\n"
        "c/d/README usr/share/doc/greet-data/c/d\n"
    )
