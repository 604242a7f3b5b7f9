# SPDX-License-Identifier: Apache-2.0
"""The mock builder: its configuration and exit statuses everywhere, builds where mock is."""

import ast
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from buildroots import rpmsources
from rpmdistro.world import World
from xsbuild.buildroots.base import Base, Variant, ensure_base
from xsbuild.buildroots.builder import Builder, BuildRequest
from xsbuild.buildroots.dnf import Dnf
from xsbuild.buildroots.mock import Mock, cause_of
from xsbuild.buildroots.mockconfig import Place, configuration
from xsbuild.distros.load import find_distros
from xsbuild.errors import BuildError
from xsbuild.host.scratch import remove_tree
from xsbuild.settings import Folders, Settings

SHIPPED = find_distros([Path(__file__).parents[3] / "distros"])
EPOCH = 1_767_225_600  # 2026-01-01
OWN = "[xsbuild]\nname=xsbuild\nbaseurl=file:///srv/closure\n"
THEIRS = "[distro]\nname=distro\nbaseurl=https://distro.example/\n"


def evaluate(text: str) -> tuple[dict[str, object], list[str]]:
    """Reads a configuration as mock does, as far as xsbuild writes it: options and includes."""
    options: dict[str, object] = {"dnf.conf": "included\n"}
    includes = []
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Expr):
            assert isinstance(statement.value, ast.Call)
            includes.append(ast.literal_eval(statement.value.args[0]))
            continue
        assert isinstance(statement, ast.Assign | ast.AugAssign)
        target = statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]
        name = ast.unparse(target).removeprefix("config_opts").replace("'", "")[1:-1]
        value = ast.literal_eval(statement.value)
        options[name] = value if isinstance(statement, ast.Assign) else f"{options[name]}{value}"
    return options, includes


def write(folder: Path, name: str, *, lasting: bool = False) -> tuple[dict[str, object], list[str]]:
    """The configuration of a task for a shipped distro."""
    place = Place(folder / "base", folder / "cache", lasting=lasting)
    text = configuration(
        SHIPPED.get(name), "x86_64", place, [THEIRS, OWN], epoch=EPOCH, jobs=3, installed=folder
    )
    return evaluate(text)


def test_the_distros_own_configuration_is_included_with_the_private_repository(
    tmp_path: Path,
) -> None:
    own = tmp_path / "centos-stream+epel-10-x86_64.cfg"
    own.touch()
    options, includes = write(tmp_path, "centos-stream-10")
    assert includes == [str(own)]
    assert options["dnf.conf"] == f"included\n\n{OWN}"
    assert "chroot_setup_cmd" not in options


def test_a_distro_that_mock_does_not_know_is_defined(tmp_path: Path) -> None:
    options, includes = write(tmp_path, "fedora-44")
    assert includes == []
    assert options["chroot_setup_cmd"] == "install @buildsys-build"
    assert options["target_arch"] == "x86_64"
    assert options["use_bootstrap"] is False
    assert THEIRS in str(options["dnf.conf"])
    assert OWN in str(options["dnf.conf"])
    assert "gpgcheck=1" in str(options["dnf.conf"])


def test_a_task_has_directories_of_its_own_and_no_network(tmp_path: Path) -> None:
    options, _ = write(tmp_path, "fedora-44")
    assert options["basedir"] == str(tmp_path / "base")
    assert options["cache_topdir"] == str(tmp_path / "cache")
    assert options["rpmbuild_networking"] is False
    assert options["use_host_resolv"] is False
    assert options["environment][SOURCE_DATE_EPOCH"] == str(EPOCH)
    assert options["macros][%dist"] == ".fc44"
    assert options["macros][%_smp_build_ncpus"] == "3"
    assert options["plugin_conf][yum_cache_enable"] is False


@pytest.mark.parametrize("lasting", [True, False])
def test_who_renews_the_cache_and_removes_the_chroot(tmp_path: Path, *, lasting: bool) -> None:
    options, _ = write(tmp_path, "fedora-44", lasting=lasting)
    assert options["update_before_build"] is lasting
    assert options["cleanup_on_failure"] is lasting
    assert ("plugin_conf][root_cache_opts][max_age_days" in options) is not lasting


@pytest.mark.parametrize(
    ("status", "cause", "hint"),
    [
        (3, "no usable configuration", "mock-core-configs"),
        (20, "chroot cannot be made", None),
        (60, "another mock", "wait"),
        (70, "cannot write its results", "group mock"),
        (90, "chroot that makes chroots", "--builder dnf"),
        (-9, "killed by SIGKILL", None),
        (77, "exit status 77", None),
    ],
)
def test_an_exit_status_has_a_cause(status: int, cause: str, hint: str | None) -> None:
    found = cause_of(status)
    assert found is not None
    assert cause in found[0]
    assert (hint is None and found[1] is None) or (hint or "") in (found[1] or "")


@pytest.mark.parametrize("status", [1, 10, 30])
def test_where_the_log_says_more_the_status_says_nothing(status: int) -> None:
    assert cause_of(status) is None


class Workshop:
    """Builds in a folder."""

    def __init__(self, folder: Path, world: World, cache: Path) -> None:
        self.folder = folder
        self.distro = world.distro
        settings = Settings(Folders(cache, folder / "data", folder / "config"))
        self.base: Base = ensure_base(
            self.distro, Variant.BUILD, settings, step=print, log=folder / "base.log"
        )

    def build(self, source: Path, name: str, builder: Builder) -> dict[str, bytes]:
        """Builds a source package and returns its packages."""
        results, scratch = (self.folder / f"{name}.{kind}" for kind in ("results", "scratch"))
        results.mkdir()
        scratch.mkdir()
        log = self.log(name)
        layers = self.folder / "layers"
        request = BuildRequest(
            name, self.distro, source, None, 1, EPOCH, results, scratch, log, layers
        )
        try:
            builder.build(request, self.base, print)
        finally:
            remove_tree(scratch)
        return {file.name: file.read_bytes() for file in results.iterdir()}

    def log(self, name: str) -> Path:
        """Where the log of a build is."""
        return self.folder / f"{name}.log"


@pytest.fixture
def workshop(tmp_path: Path, rpm_world: World, run_folder: Path) -> Workshop:
    if os.geteuid() != 0:
        pytest.skip("mock's tests run as root")
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents:  # mock reads its configuration as another user
        if folder.stat().st_mode & 0o001 == 0:
            folder.chmod(folder.stat().st_mode | 0o011)
    return Workshop(tmp_path, rpm_world, run_folder / "rpm-bases")


@pytest.mark.mock
@pytest.mark.chroot
def test_two_builds_at_once_do_not_wait_and_make_what_dnf_makes(workshop: Workshop) -> None:
    library = rpmsources.library(workshop.folder)
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(workshop.build, library, name, Mock()) for name in ("one", "two")]
        one, two = (future.result() for future in running)
    assert one == two
    assert "aiting for" not in workshop.log("one").read_text() + workshop.log("two").read_text()
    other = workshop.build(library, "dnf", Dnf())
    differing = {name for name in one if one[name] != other.get(name)}
    assert all(name.endswith(".src.rpm") for name in differing)  # who owned the sources


@pytest.mark.mock
@pytest.mark.chroot
def test_generated_build_dependencies_are_installed(workshop: Workshop) -> None:
    built = workshop.build(rpmsources.python(workshop.folder), "python-greet", Mock())
    assert sorted(built) == [
        "python-greet-2.0.1-1.test1.src.rpm",
        "python3-greet-2.0.1-1.test1.noarch.rpm",
    ]


@pytest.mark.mock
@pytest.mark.chroot
def test_a_missing_build_dependency_is_named(workshop: Workshop) -> None:
    source = rpmsources.broken(
        workshop.folder, "needs", "%files\n", "BuildRequires: pkgconfig(nonsuch) >= 2"
    )
    with pytest.raises(BuildError, match=r"do not exist: pkgconfig\(nonsuch\) >= 2") as caught:
        workshop.build(source, "needs", Mock())
    assert caught.value.step == "install build dependencies"
