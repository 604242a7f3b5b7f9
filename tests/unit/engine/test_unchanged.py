# SPDX-License-Identifier: Apache-2.0
"""A build that has nothing to do says so at once, and no change of anything it reads is missed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fakebuilds import DISTRO, Shop, make_base, make_shop
from xsbuild.engine.memo import Memo
from xsbuild.engine.unchanged import memo_of
from xsbuild.planner.plan import target_for

ROOT = Path(__file__).parents[3]
Undo = Callable[[], object]
Change = Callable[[Shop], Undo]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Everything is built, and the answer to the same build kept."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = tmp_path_factory.mktemp("shop")
        (folder / "site-packages").mkdir()
        monkeypatch.syspath_prepend(folder / "site-packages")
        shop = make_shop(folder, monkeypatch)
        first = shop.build()
        assert first.exit_code == 0, first.output
        assert sorted(shop.built()) == ["base", "other", "user"]
        assert shop.build().exit_code == 0  # the first made the signing key
        yield shop


def memo(shop: Shop, *targets: str, builder: str | None = None, keep_going: bool = True) -> Memo:
    asked = {
        "distro": DISTRO,
        "builder": builder,
        "providers": (),
        "targets": targets,
        "keep_going": keep_going,
    }
    return memo_of(shop.project, asked)


def put(file: Path, content: bytes) -> Undo:
    """Writes a file; what it returns puts the former one back."""
    former = file.read_bytes() if file.exists() else None
    times = file.stat() if file.exists() else None
    made = [folder for folder in file.parents if not folder.exists()]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    if times:  # a change shows in no time
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    def undo() -> None:
        if former is not None:
            file.write_bytes(former)
            return
        file.unlink()
        for folder in made:
            folder.rmdir()

    return undo


def write(name: str, content: str = "x\n") -> Change:
    return lambda shop: put(shop.root / name, content.encode())


def edit(name: str, old: str, new: str) -> Change:
    def change(shop: Shop) -> Undo:
        text = (shop.root / name).read_text()
        assert old in text
        return put(shop.root / name, text.replace(old, new, 1).encode())

    return change


def configure(name: str, content: str) -> Change:
    return lambda shop: put(shop.config / name, content.encode())


def executable(shop: Shop) -> Undo:
    file = shop.root / "src/base/Makefile"
    file.chmod(0o755)
    return lambda: file.chmod(0o644)


def linked(shop: Shop) -> Undo:
    """A folder of recipes that is a link to elsewhere: what is there counts."""
    place, elsewhere = shop.root / "debian", shop.root.parent / "elsewhere"
    (elsewhere / "base").mkdir(parents=True)
    place.symlink_to(elsewhere)

    def undo() -> None:
        place.unlink()
        (elsewhere / "base").rmdir()
        elsewhere.rmdir()

    return undo


def installed(shop: Shop) -> Undo:
    """Another version of a library, as pip leaves it."""
    place = shop.root.parent / "site-packages/jinja2-99.dist-info"
    place.mkdir()
    return place.rmdir


def stored(shop: Shop) -> Path:
    """A package in the store."""
    return next(shop.cache.glob("store/??/*/base_*.deb"))


def lost(find: Callable[[Shop], Path]) -> Change:
    def change(shop: Shop) -> Undo:
        file = find(shop)
        aside = file.rename(shop.root.parent / "aside")
        return lambda: aside.rename(file)

    return change


def truncated(find: Callable[[Shop], Path]) -> Change:
    def change(shop: Shop) -> Undo:
        file = find(shop)
        return put(file, file.read_bytes()[:-1])

    return change


def published(name: str) -> Callable[[Shop], Path]:
    return lambda shop: next((shop.root / "dist" / DISTRO).resolve().rglob(name))


def another_version(shop: Shop) -> Undo:
    link = shop.root / "dist" / DISTRO
    former = link.readlink()
    link.unlink()
    link.symlink_to(".versions")

    def undo() -> None:
        link.unlink()
        link.symlink_to(former)

    return undo


def another_base(shop: Shop) -> Undo:
    former = shop.base.name
    make_base(shop, "2", packages="base-files=14\n")

    def undo() -> None:
        link = shop.base.parent / "current"
        link.unlink()
        link.symlink_to(former)

    return undo


def checked_long_ago(shop: Shop) -> Undo:
    """The archives are asked again now and then: this is the time."""
    kept = next((shop.cache / "answers").glob("*.json"))
    data = json.loads(kept.read_text())
    return put(kept, json.dumps({**data, "until": 1}).encode())


def another_key(shop: Shop) -> Undo:
    home = shop.project.settings.folders.data / "gnupg"
    (public,) = home.glob("*.asc")
    renamed = public.rename(home / f"{'F' * 40}.asc")
    return lambda: renamed.rename(public)


CHANGES: dict[str, Change] = {
    "the manifest": edit("components.yaml", "The component other", "Another component"),
    "a local source": write("src/base/Makefile", "all: x\n"),
    "a new file of a local source": write("src/base/new"),
    "who may execute a file": executable,
    "a recipe": write("debian/base/README.Debian"),
    "a base template": write("debian/_base/rules.j2"),
    "a build system": write("systems/make/rules.j2"),
    "a spec file": write("specs/base.spec.j2"),
    "a folder that is a link": linked,
    "a patch": write("patches/base/x.patch"),
    "the lock": edit(f"locks/{DISTRO}.yaml", "2026", "2025"),
    "another distro's lock": write("locks/debian-12.yaml", "distro: debian-12\n"),
    "a distro of the project": write(f"distros/{DISTRO}.yaml", "name: x\n"),
    "a distro of the user": configure("distros/mine.yaml", "name: mine\n"),
    "the settings": configure("config.yaml", "archives: {debian: 'http://x.invalid'}\n"),
    "a library": installed,
    "the signing key": another_key,
    "the base chroot": another_base,
    "the base chroot's packages": lambda shop: put(shop.base / "packages.txt", b"x=1\n"),
    "the archives": lambda shop: put(shop.base / "release.txt", b"1  InRelease\n"),
    "the archives were not asked for long": checked_long_ago,
    "a stored package is lost": lost(stored),
    "a stored package is cut off": truncated(stored),
    "a stored result is damaged": truncated(lambda shop: stored(shop).with_name("result.json")),
    "a stored result is gone": lost(lambda shop: stored(shop).parent),
    "a published package is lost": lost(published("*.deb")),
    "a published index is cut off": truncated(published("Packages")),
    "another repository is published": another_version,
    "nothing is published": lost(lambda shop: shop.root / "dist"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_no_change_goes_unnoticed(shop: Shop, change: Change) -> None:
    assert memo(shop).find() is not None
    undo = change(shop)
    try:
        assert memo(shop).find() is None
    finally:
        undo()
    assert memo(shop).find() is not None  # so it was this change and no other


@pytest.mark.parametrize(
    "other",
    [
        lambda shop: memo(shop, "user"),
        lambda shop: memo(shop, builder="sbuild"),
        lambda shop: memo(shop, keep_going=False),
    ],
)
def test_another_question_has_no_answer(shop: Shop, other: Callable[[Shop], Memo]) -> None:
    assert other(shop).find() is None


def test_xsbuild_itself_is_an_input(shop: Shop) -> None:
    (kept,) = (shop.cache / "answers").glob("*.json")
    seen = json.loads(kept.read_text())["seen"]
    assert str(ROOT / "src/xsbuild") in seen["code"]
    folders = ("distros", "debian", "specs", "systems")
    assert {str(ROOT / name) for name in folders} <= seen["content"].keys()


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"until": 1e99}'])
def test_a_damaged_answer_is_none(shop: Shop, content: bytes) -> None:
    (kept,) = (shop.cache / "answers").glob("*.json")
    undo = put(kept, content)
    assert memo(shop).find() is None
    undo()
    undo = put(kept, kept.read_bytes().replace(b"up to date", b"up to dart"))
    assert memo(shop).find() is None
    undo()


def test_the_answer_is_that_of_a_build(shop: Shop) -> None:
    again = shop.build("--json")
    (kept,) = (shop.cache / "answers").glob("*.json")
    kept.unlink()
    real = shop.build("--json")
    assert json.loads(again.stdout) == json.loads(real.stdout[real.stdout.index("{\n") :])
    assert shop.built() == []


def test_what_changes_while_it_is_read_is_not_remembered(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = (shop.cache / "answers").glob("*.json")
    before = kept.read_bytes()
    kept.unlink()
    undos = []

    def slow(*args: object, **kwargs: object) -> object:
        undos.append(put(shop.root / "locks/debian-12.yaml", b"distro: debian-12\n"))
        return target_for(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr("xsbuild.planner.plan.target_for", slow)
    shop.build("other")
    monkeypatch.undo()
    assert not kept.exists()
    assert memo(shop, "other").find() is None
    for undo in undos:
        undo()
    kept.write_bytes(before)


# What a build reads that is none of its inputs: what it made itself, and the machine's.
_OWN = ("/work", "/store", "/logs", "/sources", "/answers", "/layers")
_WATCHED = """
import sys, os
read = set()
def hook(event, args):
    if event == "open" and not isinstance(args[0], int) and not args[2] & os.O_ACCMODE:
        read.add(os.path.abspath(os.fsdecode(args[0])))
    elif event in ("os.listdir", "os.scandir") and args[0] is not None:
        if not isinstance(args[0], int):
            read.add(os.path.abspath(os.fsdecode(args[0])))
sys.path[:0] = [{tests!r}]
from click.testing import CliRunner
from xsbuild.buildroots import builder
builder._BUILDERS = {{"pbuilder": ("fakebuilds", "FakeBuilder")}}
from xsbuild.cli.build import command
from xsbuild.cli.context import Context
from pathlib import Path
sys.addaudithook(hook)
done = CliRunner().invoke(command, ["-d", {distro!r}], obj=Context(Path({manifest!r})))
assert done.exit_code == 0, done.output
print(*sorted(read), sep="\\n")
"""


def test_everything_that_a_build_reads_is_watched(shop: Shop) -> None:
    """What an audit hook (PEP 578) sees a build open is what the answer depends on."""
    (kept,) = (shop.cache / "answers").glob("*.json")
    seen = json.loads(kept.read_text())["seen"]
    known = [*seen["content"], *seen["code"], *seen["size"], *seen["names"]]
    manifest = str(shop.root / "components.yaml")
    code = _WATCHED.format(tests=str(ROOT / "tests/support"), distro=DISTRO, manifest=manifest)
    kept.unlink()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    read = [Path(line) for line in done.stdout.splitlines()]
    assert shop.root / "locks" / f"{DISTRO}.yaml" in read  # so the hook works
    own = [*(Path(f"{shop.cache}{name}") for name in _OWN), shop.root / "dist"]
    folders = ("distros", "debian", "specs", "systems")
    inputs = (shop.root.parent, *(ROOT / name for name in folders))
    missed = [
        path
        for path in read
        if any(path.is_relative_to(top) for top in inputs)
        and not any(path.is_relative_to(place) for place in [*map(Path, known), *own])
    ]
    assert missed == [shop.base.parent]  # in which what killed processes left is looked for
