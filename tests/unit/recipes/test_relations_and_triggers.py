# SPDX-License-Identifier: Apache-2.0
"""Keys that few packages need, read back by the tools of both families."""

import dataclasses
import subprocess
from pathlib import Path, PurePosixPath

import pytest
from debian.copyright import Copyright
from debian.deb822 import Deb822

from greetings import request_for
from xsbuild.host.confined import run_confined
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.model import RecipeRequest
from xsbuild.recipes.rpm import render_rpm
from xsbuild.recipes.tree import File, write_tree


def rendered(request: RecipeRequest | None = None) -> dict[str, File]:
    tree = render_debian(request or request_for("sounds"))
    return {str(path): file for path, file in tree.items()}


def binary_control(package: str, folder: Path) -> Deb822:
    """The control file of a binary package, made as a build makes it."""
    write_tree({PurePosixPath("debian", p): f for p, f in rendered().items()}, folder)
    variables = ("-Vshlibs:Depends=libc6", "-Vmisc:Depends=")
    command = ("dpkg-gencontrol", f"-p{package}", "-O", "-Tnothing", *variables)
    (folder / "nothing").touch()
    return Deb822(run_confined(command, folder=folder).output)


def test_fields_of_binary_packages(tmp_path: Path) -> None:
    library = binary_control("libsounds", tmp_path / "a")
    assert library["Version"] == "2:1.3-4~deb13"
    assert library["Multi-Arch"] == "same"
    assert library["Pre-Depends"] == "jq (>= 1.5)"
    assert library["Provides"] == "din, loud-noise (= 2.5), noise"
    assert library["Conflicts"] == "noise"
    program = binary_control("sounds", tmp_path / "b")
    assert program["Multi-Arch"] == "foreign"
    assert program["Depends"] == (
        "libc6, libsounds (= 2:1.3-4~deb13), noise, jq (>= 1.5) | camel | shapes (<< 2~)"
    )
    assert program["Recommends"] == "colours (>= 1) | shapes, colours (<< 3~) | shapes"
    assert program["Enhances"] == "shapes"
    assert program["Provides"] == "silence (= 2:1.3-4~deb13)"


def test_licences_of_parts() -> None:
    found = Copyright(rendered()["copyright"].content.decode().splitlines(), strict=True)
    licences = {}
    for path in ("main.c", "bells/one.c", "whistle2.c", "drums/deep/x.c", "debian/rules"):
        paragraph = found.find_files_paragraph(path)
        assert paragraph is not None
        licences[path] = paragraph["License"]
    assert licences == {
        "main.c": "Expat",
        "bells/one.c": "GPL-2 or ISC",
        "whistle2.c": "GPL-2 or ISC",
        "drums/deep/x.c": "Apache-2.0",
        "debian/rules": "Apache-2.0",
    }


def test_tests_of_installed_packages() -> None:
    files = rendered()
    stanzas = list(Deb822.iter_paragraphs(files["tests/control"].content))
    assert [dict(part) for part in stanzas] == [
        {"Tests": "smoke", "Depends": "@"},
        {
            "Tests": "all",
            "Depends": "@, jq (>= 1.5) | colours",
            "Restrictions": "allow-stderr, needs-root",
        },
    ]
    for part in stanzas:
        script = files[f"tests/{part['Tests']}"]
        assert script.executable
        subprocess.run(["/bin/dash", "-n"], input=script.content, check=True)


def test_version_control_of_the_packaging() -> None:
    request = request_for("sounds")
    vcs = {"vcs_git": "https://h.example/x.git -b main", "vcs_browser": "https://h.example/x"}
    product = request.product.model_copy(update=vcs)
    files = rendered(dataclasses.replace(request, product=product))
    source = Deb822(files["control"].content)
    assert source["Vcs-Git"] == "https://h.example/x.git -b main"
    assert source["Vcs-Browser"] == "https://h.example/x"


def query(form: str, folder: Path) -> list[str]:
    write_tree(render_rpm(request_for("sounds", "centos-stream-10", folder="specs")), folder)
    done = run_confined(("rpmspec", "--query", f"--qf={form}", "sounds.spec"), folder=folder)
    return done.output.splitlines()


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (r"%{NAME} %{EPOCH}:%{VERSION} %{LICENSE}\n",
         "sounds 2:1.3 MIT AND (GPL-2.0-only OR ISC) AND Apache-2.0"),
        (r"[%{=NAME}: %{REQUIRENAME} %{REQUIREFLAGS:deptype}\n]", "libsounds: jq pre"),
        (r"[%{=NAME}: %{REQUIRENAME}\n]", "sounds: (jq >= 1.5 or camel or shapes < 2)"),
        (r"[%{=NAME}: %{RECOMMENDNAME}\n]", "sounds: (colours >= 1 or shapes)"),
        (r"[%{=NAME}: %{RECOMMENDNAME}\n]", "sounds: (colours < 3 or shapes)"),
        (r"[%{=NAME}: %{PROVIDENEVRS}\n]", "libsounds: noise"),
        (r"[%{=NAME}: %{PROVIDENEVRS}\n]", "libsounds: loud-noise = 2.5"),
        (r"[%{=NAME}: %{PROVIDENEVRS}\n]", "libsounds: racket"),
        (r"[%{=NAME}: %{PROVIDENEVRS}\n]", "sounds: silence = 2:1.3-4"),
        (r"[%{=NAME}: %{CONFLICTNEVRS}\n]", "libsounds: noise"),
        (r"[%{=NAME}: %{ENHANCENEVRS}\n]", "sounds: shapes"),
        (r"[%{=NAME}: %{TRANSFILETRIGGERNAME}\n]", "sounds: /usr/share/sounds/"),
        (r"[%{=NAME}: %{TRANSFILETRIGGERNAME}\n]", "sounds: /opt/sounds"),
        (r"[%{=NAME}: %{TRANSFILETRIGGERNAME}\n]", "sounds-data: /usr/share/sounds"),
    ],
)  # fmt: skip
def test_spec_file(form: str, expected: str, tmp_path: Path) -> None:
    assert expected in query(form, tmp_path)
