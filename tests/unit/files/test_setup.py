# SPDX-License-Identifier: Apache-2.0
"""xenserver-core-setup on the files of a host that is not running."""

import ipaddress
import re
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from rendered import ROOT, product
from xenserver_core_setup.actions import Command, Trouble, Write
from xenserver_core_setup.boot import SNIPPET, boot
from xenserver_core_setup.cli import main, perform
from xenserver_core_setup.host import Host, SetupError, run
from xenserver_core_setup.inventory import INVENTORY
from xenserver_core_setup.network import (
    MANAGEMENT,
    Wanted,
    bridge_of,
    card_of,
    network,
    without_card,
)
from xenserver_core_setup.services import NEEDED, OPTIONAL
from xenserver_core_setup.settings import parse, updated

SOURCE = ROOT / "files/xenserver-core-setup"
ENTRY = "xen-gnulinux-simple-0123-4567"
MENU = f"""\
set default="0"
menuentry 'Debian GNU/Linux' $menuentry_id_option 'gnulinux-simple-0123-4567' {{
}}
menuentry 'Debian GNU/Linux, with Xen hypervisor' $menuentry_id_option '{ENTRY}' {{
}}
"""
ROUTES = "Iface\tDestination\tGateway\nens3\t0000A8C0\t0\nens3\t00000000\t0102A8C0\n"
INTERFACES = """\
source /etc/network/interfaces.d/*
auto lo ens3
iface lo inet loopback
# the card
allow-hotplug ens3
iface ens3 inet static
    address 192.0.2.3/24

iface ens4 inet dhcp
"""
UNIT = "[Service]\nExecStart=/usr/bin/true\n[Install]\nWantedBy=multi-user.target\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A Debian host on which everything is installed and nothing is set up."""
    files = {
        "proc/net/route": ROUTES,
        "boot/grub/grub.cfg": MENU,
        "boot/xen-4.20-amd64.gz": "",
        "etc/default/grub": "GRUB_DEFAULT=0\n",
        "etc/default/grub.d/xen.cfg": "",
        "etc/network/interfaces": INTERFACES,
        "etc/NetworkManager/conf.d/other.conf": "",
        "usr/sbin/grub-mkconfig": "",
        **{f"usr/lib/systemd/system/{unit}": UNIT for unit in (*NEEDED, *OPTIONAL[:2])},
    }
    for name, text in files.items():
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return tmp_path


def snapshot(root: Path) -> dict[str, tuple[str, int]]:
    """Every file with its content (a link with its target) and its time."""
    return {
        str(path.relative_to(root)): (
            str(path.readlink()) if path.is_symlink() else path.read_text(),
            path.lstat().st_mtime_ns,
        )
        for path in root.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_the_first_run_sets_up_and_the_second_changes_nothing(root: Path) -> None:
    assert main([f"--root={root}"]) == 0
    after = snapshot(root)
    inventory = parse(after["etc/xensource-inventory"][0])
    assert UUID(inventory["INSTALLATION_UUID"]) != UUID(inventory["CONTROL_DOMAIN_UUID"])
    assert inventory["MANAGEMENT_INTERFACE"] == "brens3"
    assert parse(after["etc/firstboot.d/data/management.conf"][0]) == {
        "LABEL": "ens3",
        "MODE": "dhcp",
    }
    assert f'GRUB_DEFAULT="{ENTRY}"' in after["etc/default/grub.d/xenserver-core.cfg"][0]
    assert "interface-name:ens3" in after["etc/NetworkManager/conf.d/xenserver-core.conf"][0]
    wanted = root / "etc/systemd/system/multi-user.target.wants"
    assert {path.name for path in wanted.iterdir()} == {*NEEDED, *OPTIONAL[:2]}
    assert main([f"--root={root}"]) == 0
    assert snapshot(root) == after


@pytest.mark.parametrize("option", ["--dry-run", "--check"])
def test_telling_changes_nothing(
    root: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = snapshot(root)
    assert main([f"--root={root}", option]) == (1 if option == "--check" else 0)
    assert snapshot(root) == before
    told = capsys.readouterr().out
    for step in ("inventory: write", "network: write", "boot: write", "services: run"):
        assert f"\n{step}" in f"\n{told}"


def test_what_is_told_is_what_is_done(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([f"--root={root}", "--dry-run"])
    told = capsys.readouterr().out
    main([f"--root={root}"])
    assert capsys.readouterr().out == told
    assert main([f"--root={root}", "--check"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        ("boot/grub/grub.cfg", "boot: GRUB has no menu"),
        ("boot/xen-4.20-amd64.gz", "boot: no hypervisor in /boot"),
        ("proc/net/route", "network: no network card has a default route"),
        ("usr/lib/systemd/system/xapi.service", "services: not installed: xapi.service"),
    ],
)
def test_a_person_is_told_what_no_step_can_do_and_the_rest_is_done(
    root: Path, gone: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / gone).unlink()
    assert main([f"--root={root}", "--check"]) == 1
    assert main([f"--root={root}"]) == 1
    assert text in capsys.readouterr().err
    assert (root / "etc/xensource-inventory").exists()
    assert (root / "etc/systemd/system/multi-user.target.wants/forkexecd.service").is_symlink()


def test_a_masked_unit_stays_masked(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(Host(root).systemctl("mask", "xapi-domains.service"))
    assert main([f"--root={root}"]) == 1
    assert "xapi-domains.service is masked" in capsys.readouterr().err


def test_identities_are_made_once_and_the_bridge_can_be_moved(root: Path) -> None:
    text = "# by hand\nINSTALLATION_UUID='a'\nOTHER='kept'\n"
    (root / "etc/xensource-inventory").write_text(text)
    (root / "etc/xensource-inventory").chmod(0o600)
    assert main([f"--root={root}"]) == 0
    first = (root / "etc/xensource-inventory").read_text()
    assert first.startswith(text)
    assert main([f"--root={root}", "--interface=eth1"]) == 0
    second = (root / "etc/xensource-inventory").read_text()
    assert second == first.replace("brens3", "xenbr1")
    assert (root / "etc/xensource-inventory").stat().st_mode & 0o777 == 0o600
    assert parse((root / "etc/firstboot.d/data/management.conf").read_text())["LABEL"] == "eth1"


def test_the_inventory_names_the_installed_product(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = tmp_path / "modules"
    (modules / "xcp").mkdir(parents=True)
    branding = (ROOT / "files/xcp-python-libs/branding.py").read_text()
    (modules / "xcp/branding.py").write_text(branding)
    monkeypatch.syspath_prepend(modules)
    for module in ("xcp", "xcp.branding"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    (root / "etc/xensource-inventory").write_text("PLATFORM_VERSION='3.3.9'\n")
    assert main([f"--root={root}"]) == 0
    known = parse((root / "etc/xensource-inventory").read_text())
    assert known["PRODUCT_BRAND"] == "XenServer core"
    assert known["PLATFORM_VERSION"] == "3.4.0"  # as after an upgrade of the packages


def test_a_fixed_address_is_kept_by_later_runs(root: Path) -> None:
    words = ["--address=192.0.2.10/25", "--gateway=192.0.2.1", "--dns=192.0.2.2", "--dns=192.0.2.3"]
    assert main([f"--root={root}", *words]) == 0
    management = (root / "etc/firstboot.d/data/management.conf").read_text()
    assert parse(management) == {
        "LABEL": "ens3",
        "MODE": "static",
        "IP": "192.0.2.10",
        "NETMASK": "255.255.255.128",
        "GATEWAY": "192.0.2.1",
        "DNS": "192.0.2.2,192.0.2.3",
    }
    assert main([f"--root={root}", "--check"]) == 0


def test_wrong_use_is_status_2(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--check", "--dry-run"], ["--address=192.0.2"], ["--frobnicate"]):
        with pytest.raises(SystemExit) as caught:
            main([f"--root={root}", *words])
        assert caught.value.code == 2
    assert "usage: xenserver-core-setup" in capsys.readouterr().err


def test_interfaces_says_nothing_more_of_the_card() -> None:
    text = without_card(INTERFACES, "ens3")
    said = [line for line in text.splitlines() if "ens3" in line or "192.0.2.3" in line]
    assert said
    assert all(line.startswith("# xcp-networkd has it: ") for line in said)
    assert "auto lo\niface lo inet loopback\n" in text
    assert text.endswith("\niface ens4 inet dhcp\n")
    assert without_card(text, "ens3") == text
    assert without_card(INTERFACES, "eth9") == INTERFACES


@pytest.mark.parametrize(("card", "bridge"), [("eth0", "xenbr0"), ("ens3", "brens3")])
def test_the_toolstacks_names_of_bridges(card: str, bridge: str) -> None:
    assert bridge_of(card) == bridge


def test_the_card_that_was_set_up_comes_before_the_default_route(root: Path) -> None:
    host = Host(root)
    assert card_of(host, Wanted()) == "ens3"
    host.path(MANAGEMENT).parent.mkdir(parents=True)
    host.path(MANAGEMENT).write_text("LABEL='eth5'\n")
    assert card_of(host, Wanted()) == "eth5"
    assert card_of(host, Wanted(card="eth7")) == "eth7"


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("", {"A": "1"}, "A='1'\n"),
        ("A='1'\n", {"A": "1"}, "A='1'\n"),
        ('A="1"', {"A": "1"}, 'A="1"'),
        ("A=1\n# note\nB=2\n", {"B": "3", "C": ""}, "A=1\n# note\nB='3'\nC=''\n"),
    ],
)
def test_settings(text: str, values: dict[str, str], expected: str) -> None:
    assert updated(text, values) == expected
    assert parse(expected).items() >= values.items()


class Running(Host):
    """A host whose programs can be seen to be wanted, though its files are all there is."""

    @property
    def live(self) -> bool:
        return True


@pytest.fixture
def grub2(root: Path) -> Path:
    """A host on which GRUB is as on RPM distros."""
    shutil.rmtree(root / "etc/default/grub.d")
    (root / "boot/grub").rename(root / "boot/grub2")
    (root / "etc/default/grub").write_text("GRUB_DEFAULT=saved\n")
    for name in ("grub2-mkconfig", "grub2-set-default"):
        (root / "usr/sbin" / name).touch()
    return root


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda _: None, Command),
        (lambda root: (root / "boot/grub2/grubenv").write_text(f"saved_entry={ENTRY}\n"), None),
        (lambda root: (root / "boot/grub2/grub.cfg").write_text(""), Command),
        (lambda root: (root / "etc/default/grub").write_text("GRUB_DEFAULT=0\n"), Trouble),
        (lambda root: (root / "usr/sbin/grub2-set-default").unlink(), Trouble),
    ],
    ids=["set", "is set", "no entry yet", "default is not saved", "no program"],
)
def test_grub_of_rpm_distros(
    grub2: Path, change: Callable[[Path], object], expected: type | None
) -> None:
    change(grub2)
    actions = list(boot(Running(grub2)))
    assert [type(action) for action in actions] == ([expected] if expected else [])
    if actions and isinstance(actions[0], Command):
        program = actions[0].words[0]
        menu = (grub2 / "boot/grub2/grub.cfg").read_text()
        assert program == f"/usr/sbin/grub2-{'set-default' if menu else 'mkconfig'}"


def test_grub_of_debian_makes_its_menu_anew_once_the_default_is_written(root: Path) -> None:
    first = list(boot(Running(root)))
    assert [type(action) for action in first] == [Write, Command]
    first[0].perform(Host(root)) if isinstance(first[0], Write) else None
    assert (root / SNIPPET.lstrip("/")).exists()
    (command,) = boot(Running(root))
    assert isinstance(command, Command)
    assert list(command.words) == ["/usr/sbin/grub-mkconfig", "-o", "/boot/grub/grub.cfg"]
    menu = root / "boot/grub/grub.cfg"
    menu.write_text(menu.read_text().replace('default="0"', f'default="{ENTRY}"'))
    assert list(boot(Running(root))) == []


def test_a_program_that_fails_says_what_it_said() -> None:
    with pytest.raises(SetupError, match=r"failed with exit status 3\nno such luck"):
        run(["sh", "-c", "echo no such luck >&2; exit 3"])
    with pytest.raises(SetupError, match="the program no-such-program is not installed"):
        run(["no-such-program"])


def test_a_host_without_a_toolstack_only_gets_xen_as_default(root: Path) -> None:
    for unit in (*NEEDED, *OPTIONAL[:2]):
        (root / "usr/lib/systemd/system" / unit).unlink()
    (root / "usr/sbin/xl").touch()
    before = snapshot(root)
    assert main([f"--root={root}"]) == 0
    changed = {name for name, state in snapshot(root).items() if before.get(name) != state}
    assert changed == {SNIPPET.lstrip("/")}


def test_only_the_chosen_steps_are_done(root: Path) -> None:
    before = snapshot(root)
    main([f"--root={root}", "--step", "inventory"])
    changed = {name for name, state in snapshot(root).items() if before.get(name) != state}
    assert changed == {INVENTORY.lstrip("/")}


def test_a_step_that_never_settles_ends() -> None:
    numbers = iter(range(100))
    commands = lambda _: [Command(["true"], str(next(numbers)), live=False)]  # noqa: E731
    assert "wants something else each time" in perform(Host(), "step", commands)[0]


def test_every_option_is_in_the_manual_page(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    page = (SOURCE / "data/xenserver-core-setup.8").read_text().replace("\\-", "-")
    assert options <= set(re.findall(r"--[a-z-]+", page))


def test_the_manifest_has_the_version_of_the_source() -> None:
    version = tomllib.loads((SOURCE / "pyproject.toml").read_text())["project"]["version"]
    assert product().manifest.components["xenserver-core-setup"].version == version


def test_every_unit_that_it_enables_is_one_of_the_manifests() -> None:
    packages = [part.packages.values() for part in product().manifest.components.values()]
    units = {unit.name for group in packages for package in group for unit in package.units}
    assert {*NEEDED, *OPTIONAL} <= units


def test_an_address_without_a_gateway_says_none() -> None:
    wanted = Wanted("eth0", ipaddress.IPv4Interface("192.0.2.1/24"))
    (action,) = (item for item in network(Host(Path("/nowhere")), wanted))
    assert isinstance(action, Write)
    assert "GATEWAY" not in parse(action.text)
    assert action.name == MANAGEMENT != INVENTORY
