# SPDX-License-Identifier: Apache-2.0
"""The product's packaging, by the tools that read it: every component, every distro.

Sources that cannot be had are stood in for, so that what is checked is the packaging alone. One
distro of each family is checked always, the others by `make test-full`.
"""

import ast
import dataclasses
import re
import shutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from linters import lintian, rpmlint_specs
from person import PROGRAMS
from rendered import ROOT, Rendered, distro_names, own_files, product, rendered, stand_ins
from xsbuild.checks.rpm import read_spec
from xsbuild.distros.model import Family
from xsbuild.host import process
from xsbuild.manifest.requirement import parse_capability
from xsbuild.recipes.debian import render_debian
from xsbuild.recipes.tree import write_tree
from xsbuild.sourcepkgs.debian import build_dsc

_UNIT = re.compile(r"\.(service|socket|timer|path|target|mount|slice)$")
_EXEC = re.compile(r"^Exec\w+=[-@:+!|]*(/\S+)", re.MULTILINE)
_UNITS = Path("usr/lib/systemd/system")
_ALWAYS = ("debian-13", "centos-stream-10")
# Units that ours name and that come from the distro's Xen or from other packages of the distro.
_FOREIGN = ("xenstored.service", "openvswitch.service", "openvswitch-switch.service")
_PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13")


def distros(family: Family) -> list[object]:
    return [
        pytest.param(name, marks=[] if name in _ALWAYS else [pytest.mark.slow])
        for name in distro_names(family)
    ]


DEB, RPM = distros(Family.DEB), distros(Family.RPM)
OWN = list(own_files())


@pytest.mark.parametrize("distro", [*DEB, *RPM])
def test_everything_renders(distro: str) -> None:
    components = product().manifest.components
    assert set(rendered(distro)) == {name for name, part in components.items() if part.build}


@pytest.mark.parametrize("distro", RPM)
@pytest.mark.skipif(not shutil.which("rpmspec"), reason="no rpmspec: `apt-get install rpm`")
def test_rpm_accepts_every_spec_file(distro: str, tmp_path: Path) -> None:
    for name, found in rendered(distro).items():
        (spec,) = (file for path, file in found.tree.items() if path.suffix == ".spec")
        text = spec.content.decode()
        facts = read_spec(text, found.request.distro)
        assert {package.name for package in facts.packages} >= set(found.request.component.packages)
        file = tmp_path / f"{name}.spec"
        file.write_text(text)
        parsed = process.run(["rpmspec", "--parse", file]).output
        for section in re.split(r"^%(?=(?:prep|build|install|check)$)", parsed, flags=re.M)[1:]:
            script = re.split(r"^%(?!%|\{)\w+", section, flags=re.M)[0].partition("\n")[2]
            process.run(["bash", "-n"], stdin=script.encode())


def source_package(found: Rendered, folder: Path) -> Path:
    """A source package of a stand-in, without the patches, which need what they change."""
    component = found.request.component.model_copy(update={"patches": ()})
    request = dataclasses.replace(found.request, component=component)
    target, scratch = folder / request.name, folder / f"{request.name}.scratch"
    target.mkdir(parents=True)
    scratch.mkdir()
    return build_dsc(
        request, render_debian(request), stand_ins(found, scratch), target,
        epoch=request.epoch, scratch=scratch, log=folder / "log",
    )  # fmt: skip


@pytest.mark.parametrize("distro", DEB)
def test_dpkg_source_accepts_every_debian_directory(distro: str, tmp_path: Path) -> None:
    for found in rendered(distro).values():
        assert source_package(found, tmp_path).is_file()


@pytest.mark.slow
@pytest.mark.parametrize("distro", distro_names(Family.DEB))
def test_lintian_finds_no_error(distro: str, tmp_path: Path) -> None:
    packages = [source_package(found, tmp_path) for found in rendered(distro).values()]
    lintian(packages)


@pytest.mark.skipif(not shutil.which("rpmlint"), reason="no rpmlint: `apt-get install rpmlint`")
@pytest.mark.parametrize("distro", RPM)
def test_rpmlint_finds_no_error_in_spec_files(distro: str, tmp_path: Path) -> None:
    for name, found in rendered(distro).items():
        write_tree(found.tree, tmp_path / name)
    rpmlint_specs(tmp_path.glob("*/*.spec"))


@pytest.mark.parametrize(
    ("distro", "package", "file"),
    [
        ("centos-stream-10", "kernel-devel", "/usr/src/kernels/*/.config"),
        ("debian-13", "linux-headers-amd64", "/usr/src/linux-headers-*/.config"),
        ("fedora-44", "kernel-devel", "/usr/src/kernels/*/.config"),
        ("opensuse-tumbleweed", "kernel-default-devel", "/usr/src/linux-*-obj/*/default/.config"),
        ("ubuntu-26.04", "linux-headers-generic", "/usr/src/linux-headers-*/.config"),
    ],
)
def test_a_kernel_is_built_with_the_distros_configuration(
    distro: str, package: str, file: str
) -> None:
    kernel = rendered(distro)["kernel"]
    assert kernel.request.names[parse_capability("kernel(devel)")] == (package,)
    assert any(f"ls {file}" in found.content.decode() for found in kernel.tree.values())


def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    folder = tmp_path / _UNITS
    folder.mkdir(parents=True)
    for target in Path("/usr/lib/systemd/system").glob("*.target"):
        shutil.copy(target, folder)
    for name in _FOREIGN:
        (folder / name).write_text("[Service]\nExecStart=/usr/bin/true\n")
    ours = [file.path for file in OWN if _UNIT.search(file.path.name)]
    for path in ours:
        shutil.copy(path, folder)
    for program in chain(["/usr/bin/true"], *(_EXEC.findall(path.read_text()) for path in ours)):
        stand_in = tmp_path / program.lstrip("/")
        stand_in.parent.mkdir(parents=True, exist_ok=True)
        stand_in.write_text("#!/bin/sh\n")
        stand_in.chmod(0o755)
    names = [path.name.replace("@.", "@instance.") for path in ours]
    command = ["systemd-analyze", "verify", "--man=no", f"--root={tmp_path}"]
    said = process.run([*command, "multi-user.target", *names])
    assert said.output == ""


def test_every_unit_of_ours_is_in_a_package() -> None:
    packages = [part.packages.values() for part in product().manifest.components.values()]
    named = {unit.name for package in chain(*packages) for unit in package.units}
    assert {file.path.name for file in OWN if _UNIT.search(file.path.name)} <= named


def test_systemd_makes_every_user_and_file(tmp_path: Path) -> None:
    """All of the product's users and temporary files, together, below an empty root."""
    users = [
        file.content
        for found in rendered("centos-stream-10").values()
        for path, file in found.tree.items()
        if path.suffix == ".sysusers"
    ]
    users += [file.path.read_bytes() for file in OWN if file.to.startswith("{sysusersdir}")]
    (tmp_path / "etc").mkdir()
    for number, content in enumerate(users):
        file = tmp_path / f"{number}.conf"
        file.write_bytes(content)
        process.run(["systemd-sysusers", "--dry-run", f"--root={tmp_path}", file])
    process.run(["systemd-sysusers", f"--root={tmp_path}", *sorted(tmp_path.glob("*.conf"))])
    # its dry run is newer than the systemd of some hosts; below a root it changes nothing else
    for own in OWN:
        if own.to.startswith("{tmpfilesdir}"):
            said = process.run(["systemd-tmpfiles", "--create", f"--root={tmp_path}", own.path])
            assert said.output == ""


def shell_scripts() -> Iterator[tuple[str, bytes]]:
    for name, found in rendered("debian-13").items():
        for path, file in found.tree.items():
            if path.suffix in {".preinst", ".postinst", ".prerm", ".postrm"}:
                yield f"{name}: {path}", file.content
    for own in OWN:
        content = own.path.read_bytes()
        if re.match(rb"#! ?/(usr/)?bin/(env )?(ba|da)?sh\b", content):
            yield str(own.path), content


def test_shellcheck_passes_every_script(tmp_path: Path) -> None:
    for number, (name, content) in enumerate(shell_scripts()):
        file = tmp_path / f"{number}-{Path(name).name}"
        file.write_bytes(content)
        process.run([PROGRAMS / "shellcheck", "--severity=style", file])


def interpreter(version: str) -> Path | None:
    """An interpreter of that version, the system's or pyenv's."""
    found = shutil.which(f"python{version}", path="/usr/local/bin:/usr/bin")
    places = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))
    return Path(found) if found else next(iter(places), None)


def python_files() -> list[Path]:
    return [
        file.path
        for file in OWN
        if file.path.suffix == ".py" or re.match(rb"#!.*\bpython3\b", file.path.read_bytes())
    ]


@pytest.mark.parametrize("version", _PYTHONS)
def test_python_of_ours_compiles(version: str) -> None:
    """By the interpreter itself; xsbuild's own code is not for hosts and starts at 3.11."""
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    code = "import sys; [compile(open(f).read(), f, 'exec') for f in sys.argv[1:]]"
    process.run([python, "-W", "error", "-c", code, *python_files()])


def test_python_of_ours_is_python_3_9() -> None:
    """By grammar, where there is no interpreter that old."""
    for file in python_files():
        ast.parse(file.read_text(), str(file), feature_version=(3, 9))


def test_every_patch_is_one() -> None:
    """Whether it applies is seen where its source can be had."""
    for name, component in product().manifest.components.items():
        for patch in (item for item in component.patches if isinstance(item, str)):
            process.run(["git", "apply", "--numstat", ROOT / "patches" / name / patch])
