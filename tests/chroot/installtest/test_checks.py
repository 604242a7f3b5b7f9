# SPDX-License-Identifier: Apache-2.0
"""Planted faults are each found, with their reasons, in real chroots; a good package passes."""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from planted import Deb, publish
from xsbuild.buildroots.base import Base, Variant, ensure_base
from xsbuild.distros.load import find_distros
from xsbuild.distros.model import Distro
from xsbuild.engine.events import Event
from xsbuild.host.scratch import remove_tree
from xsbuild.installtest.model import Failure
from xsbuild.installtest.run_checks import Order, Outcome, run_checks
from xsbuild.repos.signing import SigningKey, signing_key
from xsbuild.settings import Folders, Settings

pytestmark = [pytest.mark.chroot]
ROOT = Path(__file__).parents[3]
UNIT = "[Unit]\nDescription=sample\n[Service]\nExecStart={program}\n"
GOOD = Deb(
    "good",
    files={
        "/usr/share/good/data": "data\n",
        "/usr/lib/systemd/system/good.service": UNIT.format(program="/usr/bin/true"),
        "/usr/lib/systemd/system/good@.service": UNIT.format(program="/usr/bin/echo %i"),
        "/usr/lib/sysusers.d/good.conf": 'u gooduser - "Good" /\n',
        "/etc/good.conf": "default\n",
    },
    config=["/etc/good.conf"],
    scripts={
        "postinst": "systemd-sysusers good.conf; mkdir -p /var/lib/good; touch /var/lib/good/state",
        "postrm": 'if [ "$1" = purge ]; then rm -rf /var/lib/good; fi',
    },
    fields={"Depends": "systemd | systemd-standalone-sysusers"},
)
FAULTY = (
    Deb("loses", files={"/usr/share/loses": "x"}, scripts={"postinst": "rm /usr/share/loses"}),
    Deb("alters", files={"/usr/share/alters": "x"}, scripts={"postinst": ">/usr/share/alters"}),
    Deb(
        "overwrites",
        files={"/etc/overwrites.conf": "default\n"},
        config=["/etc/overwrites.conf"],
        scripts={"postinst": "echo default >/etc/overwrites.conf"},
    ),
    Deb("leaves", scripts={"postinst": "mkdir -p /var/lib/leaves/a; touch /var/lib/leaves/b"}),
    Deb(
        "unstartable",
        files={"/lib/systemd/system/unstartable.service": UNIT.format(program="/usr/bin/nothing")},
    ),
    Deb(
        "strange",
        files={"/usr/share/strange": "x"},
        scripts={"postinst": "chown 4711 /usr/share/strange"},
    ),
    Deb("userless"),
    Deb("starts", scripts={"postinst": "sleep 1000 &"}),
)  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, bases: Path) -> Settings:
    folder = tmp_path_factory.mktemp("settings")
    (folder / "cache").mkdir()
    (folder / "cache/bases").symlink_to(bases)
    return Settings(Folders(folder / "cache", folder / "data", folder / "config"))


@pytest.fixture(scope="module")
def key(settings: Settings) -> SigningKey:
    return signing_key(settings, say=lambda _: None)


@dataclass(frozen=True)
class Bench:
    folder: Path
    key: SigningKey
    distro: Distro
    base: Base

    def publish(self, *debs: Deb) -> Path:
        return publish(self.folder, debs, self.key)

    def run(self, order: Order) -> list[Outcome]:
        scratch = self.folder / "scratch"
        scratch.mkdir()
        seen: list[Event] = []
        try:
            return run_checks(order, self.base, scratch, self.folder / "log", seen.append)
        finally:
            remove_tree(scratch)
            assert {event.task for event in seen} >= {"repository"}

    def offline(self, repository: Path, *targets: str) -> list[Outcome]:
        """Tries packages that need nothing of the distro's archive."""
        return self.run(Order(self.distro, repository, targets, {}, network=False))


@pytest.fixture
def bench(tmp_path: Path, key: SigningKey, settings: Settings) -> Bench:
    distro = find_distros([ROOT / "distros"]).get("debian-13")
    log = tmp_path / "base.log"
    base = ensure_base(distro, Variant.INSTALL, settings, step=print, log=log)
    return Bench(tmp_path, key, distro, base)


def found(outcomes: Sequence[Outcome]) -> dict[str, tuple[Failure, ...]]:
    """Check → what it found, for those that found something."""
    return {outcome.check: outcome.failures for outcome in outcomes if outcome.failures}


def test_every_fault_is_found_and_a_good_package_has_none(bench: Bench) -> None:
    repository = bench.publish(GOOD, *FAULTY)
    targets = (GOOD.name, *(deb.name for deb in FAULTY))
    users = {"good": ("gooduser",), "userless": ("ghost",)}
    outcomes = bench.run(Order(bench.distro, repository, targets, users, http=True))
    wrong = {
        (check, failure.package, failure.subject)
        for check, failures in found(outcomes).items()
        for failure in failures
    }
    assert wrong == {
        ("files", "loses", "/usr/share/loses"),
        ("files", "alters", "/usr/share/alters"),
        ("files", "strange", "/usr/share/strange"),
        ("configuration", "overwrites", "/etc/overwrites.conf"),
        ("users", "userless", "ghost"),
        ("daemons", "", "sleep 1000"),
        ("purge", "", "/var/lib/leaves"),
        ("units", "unstartable", "unstartable.service"),
    }
    assert all(outcome.ran for outcome in outcomes)
    assert "/usr/bin/nothing is not executable" in found(outcomes)["units"][0].reason
    assert "2 below it" in found(outcomes)["purge"][0].reason


def test_a_failing_script_shows_its_output_and_the_rest_is_not_run(bench: Bench) -> None:
    scripts = {"postinst": "echo the frobnicator is closed >&2; exit 3"}
    repository = bench.publish(
        Deb("closed", scripts=scripts), Deb("user", fields={"Depends": "closed"})
    )
    outcomes = bench.offline(repository, "user")
    [failure] = found(outcomes)["install"]
    assert failure.package == "closed"
    assert "exit status 3" in failure.reason
    assert failure.output.splitlines() == [
        "Setting up closed (1.0-1) ...",
        "the frobnicator is closed",
    ]
    assert [outcome.check for outcome in outcomes if outcome.result == "passed"] == [
        "repository",
        "dependencies",
    ]


@pytest.mark.parametrize("script", ["prerm", "postrm"])
def test_a_script_that_fails_at_removal_is_found(bench: Bench, script: str) -> None:
    text = 'if [ "$1" = remove ]; then echo no way out; exit 1; fi'
    outcomes = bench.offline(bench.publish(Deb("stuck", scripts={script: text})), "stuck")
    [failure] = found(outcomes)["remove"]
    assert failure.package == "stuck"
    assert "no way out" in failure.output


def test_a_missing_dependency_is_traced_to_the_package_that_names_it(bench: Bench) -> None:
    repository = bench.publish(
        Deb("meta", fields={"Depends": "middle"}),
        Deb("middle", fields={"Depends": "nowhere (>= 2.0)"}),
    )
    outcomes = bench.offline(repository, "meta")
    [failure] = found(outcomes)["dependencies"]
    assert failure.package == "middle"
    assert "nowhere (>= 2.0)" in failure.reason


def test_a_package_that_the_distro_has_in_a_later_version_is_told(bench: Bench) -> None:
    repository = bench.publish(Deb("base-files", version="0.1"))
    outcomes = bench.offline(repository, "base-files")
    [failure] = found(outcomes)["install"]
    assert failure.package == "base-files"
    assert failure.subject.startswith("13")
    assert failure.reason == "the distro's package takes precedence over ours (0.1)"
    assert "not run" in {outcome.result for outcome in outcomes}


def test_a_package_that_the_base_needs_stays(bench: Bench) -> None:
    newer = Deb(
        "libaudit-common",  # libpam0g depends on libaudit1, and that on it
        files={"/usr/share/newer/data": "data\n", "/etc/libaudit.conf": "newer\n"},
        config=["/etc/libaudit.conf"],
        version="1:99",
    )
    outcomes = bench.offline(bench.publish(newer, Deb("plain")), newer.name, "plain")
    assert found(outcomes) == {}
    notes = {outcome.check: outcome.note for outcome in outcomes if outcome.note}
    assert notes == {"remove": "not removed, as the base has them: libaudit-common"}


def unsign(repository: Path) -> None:
    for name in ("InRelease", "Release.gpg"):
        (repository / "dists/test" / name).unlink()


def tamper_with_the_release(repository: Path) -> None:
    file = repository / "dists/test/InRelease"
    file.write_text(file.read_text().replace("Label: xsbuild", "Label: evil"))


def tamper_with_the_index(repository: Path) -> None:
    for file in repository.glob("dists/test/main/binary-*/**/*"):
        if file.is_file():
            data = file.read_bytes()
            file.unlink()  # by-hash files are the same inode
            file.write_bytes(data[:-1] + b"x")


def tamper_with_the_package(repository: Path) -> None:
    [deb] = repository.rglob("*.deb")
    data = deb.read_bytes()
    deb.unlink()
    deb.write_bytes(data[:-1] + b"x")


def forget_the_key(repository: Path) -> None:
    shutil.copy("/usr/share/keyrings/debian-archive-keyring.gpg", repository / "key.asc")


@pytest.mark.parametrize(
    ("attack", "check", "reason"),
    [
        (unsign, "repository", "is not signed"),
        (tamper_with_the_release, "repository", "BADSIG|signature verification failed"),
        (tamper_with_the_index, "repository", "unexpected size|Hash Sum mismatch"),
        (tamper_with_the_package, "dependencies", "Hash Sum mismatch|unexpected size"),
        (forget_the_key, "repository", "NO_PUBKEY|not signed|Missing key|public key"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_repository_that_is_not_ours_is_refused(
    bench: Bench, attack: Callable[[Path], None], check: str, reason: str
) -> None:
    repository = bench.publish(Deb("plain"))
    attack(repository)
    outcomes = bench.offline(repository, "plain")
    failures = found(outcomes)[check]
    assert any(re.search(reason, str(failure)) for failure in failures), failures
    assert set(found(outcomes)) == {check}
