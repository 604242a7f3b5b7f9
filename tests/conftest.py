# SPDX-License-Identifier: Apache-2.0
"""What all tests share: which of them this machine can run, and base chroots made once."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from own_settings import settings_in
from rpmdistro.world import World, make_world
from webserver import Web, serve
from xsbuild.errors import XsbuildError
from xsbuild.host.namespace import private_namespace
from xsbuild.host.tools import install_command, missing_packages
from xsbuild.repos.signing import SigningKey, signing_key
from xsbuild.settings import default_folders

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("xsbuild", deadline=None)
hypothesis.settings.load_profile("xsbuild")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="run the tests of make test-full too")
    parser.addoption("--run-live", action="store_true", help="run the tests of make test-live too")
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")


def pytest_configure() -> None:
    # What a shell starts in the background ignores Ctrl-C, and so does all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    reasons = {
        "chroot": _no_chroots(),
        "mock": None if shutil.which("mock") else "no mock: `dnf install mock`, on an RPM distro",
        "slow": None if config.getoption("--run-slow") else "slow: `make test-full` runs it",
        "live": None if config.getoption("--run-live") else "live: `make test-live` runs it",
    }
    for item in items:
        for mark, reason in reasons.items():
            if reason and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def _no_chroots() -> str | None:
    """Why this machine cannot build in chroots; None where it can."""
    missing = missing_packages()
    if missing:
        return f"missing host packages: `{install_command(missing)}`"
    try:
        with private_namespace():
            return None
    except XsbuildError as error:
        return f"{error} ({error.hint})"


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Callable[[Path, str], None]:
    """Compares a text with a golden file; `--update-golden` rewrites the file."""

    def check(file: Path, text: str) -> None:
        if pytestconfig.getoption("--update-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")

    return check


@pytest.fixture(scope="session")
def bases() -> Path:
    """Base chroots that outlive the tests: the user's own cache, so that they are made once."""
    folder = default_folders().bases
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of one run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@pytest.fixture(scope="session")
def rpm_world(pytestconfig: pytest.Config) -> World:
    """The miniature RPM distribution, made of Debian's packages once."""
    return make_world(_rpm_cache(pytestconfig))


@pytest.fixture(scope="session")
def rpm_world_with_ocaml(pytestconfig: pytest.Config) -> World:
    """The miniature RPM distribution with OCaml and dune, which take as long as all the rest."""
    return make_world(_rpm_cache(pytestconfig), "ocaml")


@pytest.fixture(scope="session")
def rpm_world_of_platform(pytestconfig: pytest.Config) -> World:
    """The miniature RPM distribution with what Xen and libvirt are built with."""
    return make_world(_rpm_cache(pytestconfig), "platform")


@pytest.fixture(scope="session")
def rpm_world_with_toolchains(pytestconfig: pytest.Config) -> World:
    """The miniature RPM distribution with the compilers of Rust and Go."""
    return make_world(_rpm_cache(pytestconfig), "toolchains")


@pytest.fixture
def rpm_bases(run_folder: Path) -> Path:
    """Base chroots of `rpm_world_with_ocaml`, for all tests that build by the command as root."""
    if os.geteuid() != 0:
        pytest.skip("builds as root; others do not")
    folder = run_folder / "rpm-bases-of-commands"
    folder.mkdir(exist_ok=True)
    return folder


def _rpm_cache(pytestconfig: pytest.Config) -> Path:
    if shutil.which("apt-get") is None:
        pytest.skip("the test RPM distribution is made of Debian's packages: no apt-get here")
    assert pytestconfig.cache is not None
    return pytestconfig.cache.mkdir("rpmdistro")


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """A key of xsbuild's own."""
    return signing_key(settings_in(tmp_path_factory.mktemp("key")), say=lambda _: None)


@pytest.fixture
def web() -> Iterator[Web]:
    """A web server that can misbehave."""
    with serve() as server:
        yield server
