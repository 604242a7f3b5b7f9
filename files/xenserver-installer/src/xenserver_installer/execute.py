# SPDX-License-Identifier: Apache-2.0
"""Does what a plan says.

A new installation marks the disk as incomplete until its last step. Reinstallation and upgrade
write a partition that is not in use, and at the end one sector, which makes that the system that
starts.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from xenserver_installer import settings
from xenserver_installer.bootchoice import BLOCK, SECTOR, BootChoice, render_choice
from xenserver_installer.bootloader import install_boot_loader, uuid_of
from xenserver_installer.definitions import STORAGE, Definition
from xenserver_installer.errors import InstallError
from xenserver_installer.kept import copy_kept
from xenserver_installer.machine import CHOICE, INSTALLING, Disk, Region, read_disk
from xenserver_installer.medium import Payload, check_payload
from xenserver_installer.plan import Plan
from xenserver_installer.run import run
from xenserver_installer.settings import File
from xenserver_installer.target import entered, find, has_unit, mounted, run_in

ROOT = Path("/run/xenserver-installer/root")
FORMER = Path("/run/xenserver-installer/former")
DATA = Path("/usr/share/xenserver-installer")


@dataclass
class Job:
    """A plan that is being done.

    Attributes:
        plan: the plan.
        payload: the system, already verified.
        data: the installer's data files.
        console: `com1` or `vga`.
        say: shows a line to the person.
    """

    plan: Plan
    payload: Payload
    say: Callable[[str], None]
    data: Path = DATA
    console: str = "vga"
    _done: int = field(default=0, init=False)

    def step(self, text: str) -> None:
        """Begin the next step."""
        self._done += 1
        count = 7 if self.plan.former is None else 5
        self.say(f"step {self._done}/{count} {text}")

    def region(self, disk: Disk, label: str) -> Region:
        """Return a partition that must be there."""
        region = disk.region(label)
        if region is None:
            raise InstallError(f"{disk.path} has no partition `{label}`")
        return region


def execute(job: Job) -> None:
    """Install, reinstall or upgrade.

    Raises:
        InstallError: a step failed; the former system, if there is one, still starts.
    """
    plan = job.plan
    job.step("verify the system on the medium")
    check_payload(job.payload)
    _script(job, "start")
    disk = plan.disk if plan.former else _partition(job)
    region = job.region(disk, f"system-{plan.slot}")
    root = str(uuid.uuid4())
    job.step(f"copy the system to {region.label}")
    _format(region, root, region.label)
    mount: str | None = None
    with mounted(region, ROOT):
        run(["unsquashfs", "-force", "-no-progress", "-dest", ROOT, job.payload.file])
        job.step("configure the system")
        if plan.answers.mode == "upgrade":
            _keep(job, disk, root)
        else:
            mount = _configure(job, disk, root)
        _script(job, "copied")
        _prepare_menu()
        job.step("make the boot menu of the system")
        with entered(ROOT, region, root):
            run_in(ROOT, ["xenserver-core-setup", "--step", "boot"])
        if plan.former is None:
            job.step("install the boot loader")
            _boot_loader(job, disk)
        _script(job, "complete")
        run(["sync", "--file-system", ROOT])
    if mount and plan.former is None:
        _format(job.region(disk, STORAGE), mount, STORAGE)
    job.step("choose the system")
    _choose(job, disk, root)


def _partition(job: Job) -> Disk:
    """Partition the disk; until the end a label says that the installation is incomplete."""
    plan = job.plan
    disk = plan.disk
    job.step(f"partition {disk.path}")
    old = disk.region(CHOICE)
    if old:
        old.write(bytes(BLOCK))
    with TemporaryDirectory() as scratch:
        for item in plan.definitions:
            label = INSTALLING if item.label == CHOICE else item.label
            marked = Definition(item.name, {**item.settings, "Label": label})
            (Path(scratch) / item.name).write_text(str(marked))
        run(
            [
                "systemd-repart",
                "--dry-run=no",
                "--empty=force",
                "--seed=random",
                f"--definitions={scratch}",
                disk.path,
            ]
        )
    _settle()
    disk = read_disk(disk.path)
    job.region(disk, INSTALLING).write(bytes(BLOCK))
    _format_esp(job.region(disk, "esp"))
    _script(job, "partitioned")
    return disk


def _settle() -> None:
    """Wait until device files of new partitions exist."""
    if Path("/run/udev/control").exists():
        run(["udevadm", "settle"])


def _format(region: Region, identifier: str, label: str) -> None:
    path, offset = region.place
    words = ["-F", "-q", "-L", label, "-U", identifier, "-E", f"offset={offset}"]
    run(["mkfs.ext4", *words, path, f"{region.size >> 10}k"])


def _format_esp(region: Region) -> None:
    path, offset = region.place
    words: list[str | Path] = ["-F", "32", "-s", "1", "-n", "ESP"]
    if region.node is None:
        words += ["-S", str(SECTOR), "--offset", str(offset // SECTOR)]
    run(["mkfs.vfat", *words, path, str(region.size >> 10)])


def _configure(job: Job, disk: Disk, root: str) -> str | None:
    """Write the files of a new system by the answers; return the UUID of its mounted storage."""
    answers, nic = job.plan.answers, job.plan.nic
    assert nic is not None
    for file in settings.basic_files(answers):
        _write(file)
    esp = uuid_of(job.region(disk, "esp"))
    mount = _storage(job, disk)
    _write(File("/etc/fstab", settings.fstab(root, esp, mount)))
    for path in (settings.STORAGE_PATH, "/boot/efi"):
        (ROOT / path.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for key in (ROOT / "etc/ssh").glob("ssh_host_*"):
        key.unlink()  # the first boot makes the host's own
    _write(File("/etc/machine-id", f"{uuid.uuid4().hex}\n", 0o444))
    _set_time_zone(answers.timezone)
    _set_password(answers.root.password_hash)
    _configure_grub(job)
    if has_unit(ROOT, "xcp-networkd.service"):
        words = settings.setup_arguments(answers.network, nic)
        run_in(ROOT, ["xenserver-core-setup", "--step", "network", *words])
    else:
        for file in settings.network_files(answers.network, nic):
            _write(file)
    is_open = bool(answers.root.password_hash or answers.root.ssh_keys)
    service = "ssh.service" if has_unit(ROOT, "ssh.service") else "sshd.service"
    run(["systemctl", f"--root={ROOT}", "enable" if is_open else "disable", service])
    run(["systemctl", f"--root={ROOT}", "enable", "xenserver-first-boot.service"])
    return mount


def _storage(job: Job, disk: Disk) -> str | None:
    """Configure the local storage; return the UUID of its file system, if it has one."""
    answers, region = job.plan.answers, disk.region(STORAGE)
    volume_group: str | None = None
    mount: str | None = None
    if region and job.plan.former:
        mount = uuid_of(region) if region.content == "ext4" else None
    elif region:
        device = f"/dev/disk/by-partuuid/{region.uuid}"
        if has_unit(ROOT, "storage-init.service"):
            _write(settings.toolstack_storage(device, answers.storage.type))
        elif answers.storage.type == "lvm":
            volume_group = device
        else:
            mount = region.uuid
    _write(settings.first_boot_file(answers, volume_group))
    return mount


def _set_time_zone(name: str) -> None:
    place = ROOT / "etc/localtime"
    place.unlink(missing_ok=True)
    place.symlink_to(f"/usr/share/zoneinfo/{name}")
    if (ROOT / "etc/debian_version").exists():
        _write(File("/etc/timezone", f"{name}\n"))


def _set_password(password: str | None) -> None:
    shadow = ROOT / "etc/shadow"
    text = shadow.read_text(encoding="utf-8")
    # without one the account is locked, until the first boot asks for it
    shadow.write_text(settings.with_password(text, password or "*"))


def _configure_grub(job: Job) -> None:
    text = settings.grub_settings(job.plan.dom0_memory, job.console)
    if find(ROOT, "/etc/default/grub.d"):
        _write(File("/etc/default/grub.d/xenserver-installer.cfg", text))
    else:  # of several lines for a setting GRUB takes the last
        defaults = ROOT / "etc/default/grub"
        before = defaults.read_text(encoding="utf-8") if defaults.exists() else ""
        _write(File("/etc/default/grub", f"{before}{text}GRUB_DEFAULT=saved\n"))


def _prepare_menu() -> None:
    """Make the place of the system's own boot menu.

    The rescue entry of the first menu starts Linux without Xen, which is the first in a system's.
    """
    folder = "/boot/grub2" if find(ROOT, "/boot/grub2") else "/boot/grub"
    text = 'if [ "$xenserver_rescue" = 1 ]; then set default=0; fi\n'
    _write(File(f"{folder}/custom.cfg", text))
    _write(File(f"{folder}/grub.cfg", ""))


def _keep(job: Job, disk: Disk, root: str) -> None:
    """Copy settings of the former system."""
    former = job.plan.former
    assert former is not None
    with mounted(job.region(disk, f"system-{former.active}"), FORMER, "ro"):
        copy_kept((job.data / "kept.txt").read_text(encoding="utf-8"), FORMER, ROOT)
        text = (FORMER / "etc/fstab").read_text(encoding="utf-8")
    _write(File("/etc/fstab", settings.with_root_of(text, former.root(former.active), root)))


def _boot_loader(job: Job, disk: Disk) -> None:
    install_boot_loader(
        job.region(disk, "esp"),
        job.region(disk, INSTALLING),
        ROOT / "boot/xenserver-installer",
        template=job.data / "grub.cfg",
        console=job.console,
        has_efi=job.plan.has_efi,
    )


def _choose(job: Job, disk: Disk, root: str) -> None:
    """Make the new system the one that starts."""
    plan, title = job.plan, job.payload.title
    former = plan.former or BootChoice("a")
    block = render_choice(former.switched(plan.slot, root, title))
    if plan.former:
        job.region(disk, CHOICE).write(block)
        return
    region = job.region(disk, INSTALLING)
    region.write(block)
    run(
        [
            "sfdisk",
            "--no-reread",
            "--no-tell-kernel",
            "--part-label",
            disk.path,
            str(region.number),
            CHOICE,
        ]
    )
    run(["sync", disk.path])


def _write(file: File) -> None:
    place = ROOT / file.path.lstrip("/")
    for folder in reversed(place.parents):
        if not folder.exists():
            folder.mkdir(mode=0o700 if folder.name == ".ssh" else 0o755)
    place.unlink(missing_ok=True)
    place.write_text(file.text, encoding="utf-8")
    place.chmod(file.mode)


def _script(job: Job, stage: str) -> None:
    """Run the script of a stage, if the answers have one."""
    text = getattr(job.plan.answers.scripts, stage)
    if text is None:
        return
    job.say(f"script {stage}")
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / stage
        file.write_text(text, encoding="utf-8")
        file.chmod(0o700)
        run([file], environment={"ROOT": str(ROOT), "DISK": str(job.plan.disk.path)})
