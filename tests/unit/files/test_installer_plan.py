# SPDX-License-Identifier: Apache-2.0
"""What the installer would do to a machine, by the answers; and where it refuses."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from rendered import ROOT
from xenserver_installer.answerfile import read_answers
from xenserver_installer.bootchoice import SECTOR, BootChoice, parse_choice, render_choice
from xenserver_installer.definitions import Definition, needed, read_definitions
from xenserver_installer.errors import InstallError
from xenserver_installer.fetch import Arguments, fetch_answers, read_arguments
from xenserver_installer.machine import Disk, Machine, Nic, Region
from xenserver_installer.plan import Plan, make_plan, summary
from xenserver_installer.settings import File, basic_files, grub_settings, network_files

GIB = 1 << 30
DEFINITIONS = read_definitions(ROOT / "files/xenserver-installer/data/repart.d")
EMPTY = Disk(Path("/dev/sda"), 100 * GIB, "S1", "ACME", "Disk", transport="sata")
FULL = replace(
    EMPTY,
    path=Path("/dev/sdb"),
    serial="S2",
    found=("GPT partition table",),
    regions=(Region(Path("/dev/sdb"), 1, "data", "u", 1 << 20, GIB, holds="ext4 file system"),),
)
CHOICE = BootChoice("a", "0123", "", "XenServer 1", "")
INSTALLED = replace(
    EMPTY,
    path=Path("/dev/sdc"),
    serial="S3",
    found=("GPT partition table",),
    choice=CHOICE,
    regions=tuple(
        Region(Path("/dev/sdc"), number, label, f"u{number}", number * GIB, 4 * GIB)
        for number, label in enumerate(["esp", "boot-choice", "system-a", "system-b", "storage"], 1)
    ),
)
NIC = Nic("eno1", "52:54:00:00:00:01", "ixgbe", "0x8086", has_link=True)
OTHER = Nic("eno2", "52:54:00:00:00:02", "r8169", "0x10ec")


def machine(*disks: Disk, nics: tuple[Nic, ...] = (NIC,), memory: int = 64 * GIB) -> Machine:
    return Machine(disks, nics, memory)


def plan(text: str, on: Machine) -> Plan:
    return make_plan(read_answers(text), on, DEFINITIONS, GIB)


def test_an_empty_disk_is_partitioned() -> None:
    made = plan("", machine(EMPTY))
    assert (made.disk, made.slot, made.former, made.nic) == (EMPTY, "a", None, NIC)
    assert not made.erased
    labels = ["bios", "esp", "boot-choice", "system-a", "system-b", "storage"]
    assert [item.label for item in made.definitions] == labels
    assert any("partition the empty disk" in line for line in summary(made))


def test_the_plan_names_what_is_erased() -> None:
    made = plan("{wipe: true}", machine(FULL))
    assert "partition 1 (data): ext4 file system" in made.erased
    assert any("ERASES GPT partition table" in line for line in summary(made))


def test_an_interrupted_installation_is_not_content() -> None:
    marked = (*FULL.regions, Region(FULL.path, 2, "installing", "v", 2 * GIB, GIB))
    assert not plan("", machine(replace(FULL, regions=marked))).erased


@pytest.mark.parametrize("mode", ["upgrade", "reinstall"])
@pytest.mark.parametrize(("active", "slot"), [("a", "b"), ("b", "a")])
def test_a_second_system_is_written_beside_the_first(mode: str, active: str, slot: str) -> None:
    choice = BootChoice("a" if active == "a" else "b", "1", "2", "t", "t")
    made = plan(f"mode: {mode}", machine(FULL, replace(INSTALLED, choice=choice)))
    assert (made.disk.path, made.slot, made.former) == (INSTALLED.path, slot, choice)
    assert not made.definitions
    assert not made.erased
    assert (made.nic is None) == (mode == "upgrade")


@pytest.mark.parametrize(
    ("answers", "on", "sentence"),
    [
        ("", machine(FULL), "not empty: GPT partition table, partition 1 (data): ext4"),
        ("", machine(EMPTY, FULL), "2 disks match `disk`, which must name one: /dev/sda"),
        ("disk: {serial: S9}", machine(EMPTY), "no disk matches `disk`; there are /dev/sda, ACME"),
        ("", machine(), "no disk matches `disk`; there is none"),
        ("", machine(replace(EMPTY, size=8 * GIB)), "is too small"),
        ("", machine(replace(EMPTY, used="in use: mounted on /")), "/dev/sda is in use"),
        ("wipe: true", machine(replace(FULL, used="in use: mounted on /")), "is in use"),
        ("system-size: 1 GiB", machine(EMPTY), "too small for a system of 1024 MiB"),
        ("dom0-memory: 64 GiB", machine(EMPTY), "dom0-memory is 64.0 GiB, the host has 64.0 GiB"),
        ("", machine(EMPTY, nics=()), "no network card matches `network.nic`; there is none"),
        ("", machine(EMPTY, nics=(OTHER, replace(OTHER, name="x"))), "2 network cards match"),
        ("network: {nic: {name: wl*}}", machine(EMPTY), "there are eno1 (52:54:00:00:00:01)"),
        ("mode: upgrade", machine(EMPTY), "no disk holds an installed system"),
        ("mode: upgrade", machine(INSTALLED, INSTALLED), "2 disks match `disk`"),
        ("mode: reinstall", machine(replace(INSTALLED, regions=())), "no partition `system-b`"),
    ],
)  # fmt: skip
def test_refusals(answers: str, on: Machine, sentence: str) -> None:
    with pytest.raises(InstallError) as caught:
        plan(answers, on)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("{serial: S2}", "/dev/sdb"),
        ("{serial: '*3'}", "/dev/sdc"),
        ("{path: /dev/sda, vendor: acme}", "/dev/sda"),
        ("{path: /dev/disk/by-id/one, min-size: 100 GiB, max-size: 100 GiB}", "/dev/sda"),
    ],
)
def test_filters_of_disks(wanted: str, path: str) -> None:
    disks = (replace(EMPTY, links=(Path("/dev/disk/by-id/one"),)), FULL, INSTALLED)
    made = plan(f"disk: {wanted}\nwipe: true", machine(*disks))
    assert str(made.disk.path) == path


@pytest.mark.parametrize(
    "wanted", ["", "mac: '52:54:00:00:00:01'", "driver: ixgbe", "vendor: '0x8086'", "name: '*1'"]
)
def test_filters_of_network_cards(wanted: str) -> None:
    made = plan(f"network: {{nic: {{{wanted}}}}}", machine(EMPTY, nics=(OTHER, NIC)))
    assert made.nic == NIC


@pytest.mark.parametrize(
    ("answers", "last", "size"),
    [
        ("", {"Label": "storage", "Type": "e6d6d379-f507-44c2-a23c-238f2a3df928"}, 0),
        ("storage: {type: ext4}", {"Label": "storage", "Type": "linux-generic"}, 0),
        ("storage: {type: none}", {"Label": "system-b"}, -(512 << 20)),
        ("system-size: 6 GiB", {"Label": "storage"}, 4 * GIB),
    ],
)
def test_partitions_follow_the_answers(answers: str, last: dict[str, str], size: int) -> None:
    definitions = plan(answers, machine(EMPTY)).definitions
    assert definitions[-1].settings | last == definitions[-1].settings
    assert needed(list(definitions)) == needed(DEFINITIONS) + size
    systems = [item.settings for item in definitions if item.label.startswith("system-")]
    assert {**systems[0], "Label": ""} == {**systems[1], "Label": ""}


@pytest.mark.skipif(shutil.which("systemd-repart") is None, reason="no systemd-repart")
@pytest.mark.parametrize("kind", ["lvm", "ext4", "none"])
def test_systemd_repart_understands_the_partitions(tmp_path: Path, kind: str) -> None:
    for item in plan(f"storage: {{type: {kind}}}", machine(EMPTY)).definitions:
        # Formatting takes loop devices.
        settings = {key: value for key, value in item.settings.items() if key != "Format"}
        (tmp_path / item.name).write_text(str(Definition(item.name, settings)))
    command = ["systemd-repart", "--dry-run=no", "--empty=create", "--size=20G"]
    image = [f"--definitions={tmp_path}", str(tmp_path / "disk")]
    subprocess.run([*command, *image], check=True, capture_output=True)


def test_the_boot_choice_fits_a_sector_and_is_read_back() -> None:
    uuid = "01234567-89ab-cdef-0123-456789abcdef"
    choice = CHOICE.switched("b", uuid, "XenServer 2").switched("a", uuid, "XenServer 3")
    block = render_choice(choice)
    assert not block[SECTOR:].strip(b"#")
    assert parse_choice(block[:SECTOR]) == choice
    assert (choice.active, choice.title_b, choice.other) == ("a", "XenServer 2", "b")
    with pytest.raises(InstallError, match="too long"):
        render_choice(choice.switched("a", uuid, "x" * 400))


@pytest.mark.parametrize("block", [b"", bytes(512), b"# GRUB Environment Block\nactive=c\n"])
def test_other_blocks_are_no_boot_choice(block: bytes) -> None:
    assert parse_choice(block) is None


def files(found: list[File]) -> dict[str, str]:
    return {Path(file.path).name: file.text for file in found}


def test_a_bridge_over_a_vlan_with_fixed_addresses() -> None:
    network = read_answers(
        "network:\n  vlan: 12\n  ipv4: {address: 192.0.2.3/24, gateway: 192.0.2.1}\n"
        "  ipv6: none\n  dns: [192.0.2.1]\n"
    ).network
    made = files(list(network_files(network, NIC)))
    assert "VLAN=vlan12" in made["20-card.network"]
    assert "Id=12" in made["10-vlan12.netdev"]
    assert "Bridge=xenbr0" in made["20-vlan12.network"]
    lines = made["30-xenbr0.network"].splitlines()
    assert {"DHCP=no", "Address=192.0.2.3/24", "Gateway=192.0.2.1", "DNS=192.0.2.1"} <= set(lines)


def test_a_bridge_with_dhcp_has_the_address_of_its_card() -> None:
    made = files(list(network_files(read_answers("").network, NIC)))
    assert f"MACAddress={NIC.mac}" in made["10-xenbr0.netdev"]
    assert "Kind=!*" in made["20-card.network"]
    assert "DHCP=ipv4\nIPv6AcceptRA=yes" in made["30-xenbr0.network"]


def test_settings_of_a_new_system() -> None:
    answers = read_answers("hostname: a.example.com\nkeyboard: de\nntp: [192.0.2.9]\n")
    made = {file.path: file.text for file in basic_files(answers)}
    assert made["/etc/hosts"].endswith("127.0.1.1 a.example.com a\n")
    assert made["/etc/vconsole.conf"] == "KEYMAP=de\n"
    assert "/root/.ssh/authorized_keys" not in made
    assert "\\4{xenbr0}" in made["/etc/issue.d/xenserver.issue"]
    assert "dom0_mem=2048M,max:2048M console=com1,vga" in grub_settings(2 * GIB, "com1")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("quiet", Arguments()),
        (
            "xenserver.answers=https://h/a xenserver.answers-sha256=AB xenserver.console=com1",
            Arguments("https://h/a", "ab", "com1"),
        ),
        ("xenserver.answers=medium xenserver.answers=label:X/a xenserver.verify",
         Arguments("label:X/a", verify=True)),
    ],
)  # fmt: skip
def test_the_kernels_command_line(line: str, expected: Arguments) -> None:
    assert read_arguments(line) == expected


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (Arguments("http://127.0.0.1:1/a"), "needs xenserver.answers-sha256="),
        (Arguments("ftp://h/a"), "expected medium, label:NAME/FILE or a web address"),
        (Arguments("label:NO-SUCH/a.yaml"), "no file system has the label NO-SUCH"),
        (Arguments("label:X/../etc/passwd"), "expected label:NAME/FILE"),
        (Arguments("medium"), "answers.yaml cannot be read"),
        (Arguments("medium", "00"), "answers.yaml cannot be read"),
    ],
)
def test_answer_files_that_are_not_there(
    arguments: Arguments, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(InstallError) as caught:
        fetch_answers(arguments, tmp_path)
    assert sentence in str(caught.value)


def test_an_answer_file_with_another_checksum(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text("wipe: true\n")
    with pytest.raises(InstallError, match="another checksum"):
        fetch_answers(Arguments("medium", "00"), tmp_path)
    assert fetch_answers(Arguments("medium"), tmp_path) == "wipe: true\n"
