# SPDX-License-Identifier: Apache-2.0
"""What a debian directory looks like for each build system, and for one of many packages."""

import dataclasses
import subprocess
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath

import pytest
from debian.changelog import Changelog
from debian.copyright import Copyright
from debian.deb822 import Deb822

from greetings import ROOT, greetings, request_for
from xsbuild.errors import InputError, RecipeError
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.tree import FileTree

NAMES = list(greetings().components)


def text(tree: FileTree, path: str) -> str:
    return tree[PurePosixPath(path)].content.decode()


def changed(request: RecipeRequest, **fields: str | tuple[str, ...]) -> RecipeRequest:
    return dataclasses.replace(request, component=request.component.model_copy(update=fields))


@pytest.mark.parametrize(
    ("distro", "name"), [*(("debian-13", name) for name in NAMES), ("debian-12", "greetd")]
)
def test_golden(distro: str, name: str, compare: Callable[[str, FileTree], None]) -> None:
    compare(f"{distro}/{name}", render_debian(request_for(name, distro)))


@pytest.mark.parametrize("name", NAMES)
def test_others_can_read_it(name: str) -> None:
    request = request_for(name)
    tree = render_debian(request)
    changelog = Changelog(text(tree, "changelog"), strict=True)
    assert str(changelog.version) == f"{request.component.changelog[0].version}~deb13"
    assert parsedate_to_datetime(str(changelog.date)).timestamp() == request.epoch
    assert Copyright(text(tree, "copyright").splitlines(), strict=True).header.known_format()
    paragraphs = list(Deb822.iter_paragraphs(text(tree, "control")))
    assert [part["Package"] for part in paragraphs[1:]] == list(request.component.packages)
    assert tree[PurePosixPath("rules")].executable


@pytest.mark.parametrize("name", NAMES)
def test_scripts_are_shell(name: str) -> None:
    for path, file in render_debian(request_for(name)).items():
        if path.suffix in {".preinst", ".postinst", ".prerm", ".postrm"}:
            subprocess.run(["/bin/dash", "-n"], input=file.content, check=True)


def test_a_licence_without_a_text_is_an_error() -> None:
    with pytest.raises(RecipeError, match=r"no text of the licence Foo-1\.0") as caught:
        render_debian(changed(request_for("shapes"), license="Foo-1.0"))
    assert "debian/_base/licenses/Foo-1.0" in str(caught.value.hint)


def test_a_missing_patch_is_an_error() -> None:
    with pytest.raises(InputError, match=r"cannot read .*none\.patch"):
        render_debian(changed(request_for("shapes"), patches=("none.patch",)))


def test_a_projects_own_files(tmp_path: Path) -> None:
    folder = tmp_path / "debian" / "shapes"
    folder.mkdir(parents=True)
    (folder / "shapes.manpages").write_text("{{ left alone }}\n")
    (folder / "run").write_bytes(b"\x7fELF\xff")
    (folder / "run").chmod(0o755)
    (folder / "shapes.install.j2").write_text(
        '{% extends "_base/package/install.j2" %}{% block lines %}{{ package.name }}{% endblock %}'
    )
    (folder / "copyright.j2").write_text("")
    request = dataclasses.replace(request_for("shapes", project=tmp_path), project_root=ROOT)
    tree = render_debian(request)
    assert text(tree, "shapes.manpages") == "{{ left alone }}\n"
    assert tree[PurePosixPath("run")].content == b"\x7fELF\xff"
    assert tree[PurePosixPath("run")].executable
    assert text(tree, "shapes.install") == "shapes"
    assert PurePosixPath("copyright") not in tree  # what renders to nothing is left out


def test_make_reads_what_the_manifest_says(tmp_path: Path) -> None:
    """Quotes, dollars and spaces of options and environment arrive as they were written."""
    rules = text(render_debian(request_for("greet")), "rules")
    wanted = 'show:\n\t@printf "%s|" "$$GREETING" \\\n\t\t'
    options = rules.split("dh_auto_configure --")[1].split("\n\n")[0].lstrip(" \\\n\t")
    variables = [line for line in rules.splitlines() if line.startswith("export GREETING")]
    (tmp_path / "Makefile").write_text("\n".join([*variables, wanted + options, ""]))
    done = subprocess.run(
        ["/usr/bin/make", "-C", str(tmp_path), "-s"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "Hello $USER|--disable-static|--with-data=/usr/share/greet data|"
