# SPDX-License-Identifier: Apache-2.0
"""A miniature CentOS Stream, under the addresses of the shipped distros/centos-stream-10.yaml.

Its packages are those of the test distribution, which are Debian's in the names of an RPM distro,
and those that the shipped file names besides.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

from own_settings import settings_in
from rpmdistro.payload import EPOCH, Payload
from rpmdistro.recipe import HERE
from rpmdistro.world import World
from xsbuild.distros.model import Distro, YumRepository
from xsbuild.repos.signing import KEY, signing_key
from xsbuild.repos.yum import write_yum_repository
from xsbuild.yamlfile import load

from .packages import make_stubs
from .server import Internet

ROOT = Path(__file__).parents[3]
NAME = "centos-stream-10"
MIRROR = "mirror.example.org"
_REPLACED = "testdistro-release-"
_OS_RELEASE = """\
NAME="CentOS Stream"
VERSION="10"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="10"
PRETTY_NAME="CentOS Stream 10"
"""
_METALINK = """\
<?xml version="1.0" encoding="utf-8"?>
<metalink version="3.0" xmlns="http://www.metalinker.org/">
 <files>
  <file name="repomd.xml">
   <size>{size}</size>
   <verification><hash type="sha256">{hash}</hash></verification>
   <resources>
    <url protocol="http" type="http" preference="100">{url}</url>
   </resources>
  </file>
 </files>
</metalink>
"""


def serve_centos(internet: Internet, world: World, scratch: Path) -> None:
    """Puts the distro on the internet: repositories, metalinks and keys.

    Args:
        internet: where.
        world: the test distribution; its packages are the distro's.
        scratch: an existing directory for keys and for what is made.
    """
    distro = load(ROOT / "distros" / f"{NAME}.yaml", Distro)
    assert distro.rpm is not None
    packages = _packages(world, scratch, distro.rpm.buildroot)
    for repository in distro.rpm.repositories:
        made = [file for name, file in packages if name == repository.name]
        _serve_repository(internet, repository, made, scratch)


def _packages(world: World, scratch: Path, buildroot: Sequence[str]) -> list[tuple[str, Path]]:
    """The name of the repository in which each package is, and its file."""
    every = [p for p in world.folder.rglob("*.rpm") if not p.name.startswith(_REPLACED)]
    own = [
        _release(scratch),
        _macros(scratch),
        *make_stubs(scratch, ROOT / "vendor/ocaml.yaml"),
    ]
    replaced = set(map(_name, own))
    kept = [path for path in every if _name(path) not in replaced]
    missing = sorted(set(buildroot) - replaced - set(map(_name, kept)))
    own += [_empty(name, scratch) for name in missing]
    return [("epel" if "epel" in path.name else "baseos", path) for path in [*kept, *own]]


def _name(package: Path) -> str:
    return package.name.rsplit("-", 2)[0]


def _release(scratch: Path) -> Path:
    payload = Payload("centos-stream-release", "10.0", "1.el10", scratch / "release", noarch=True)
    # EL's glibc requires the second by itself
    payload.requires += ["filesystem", "glibc-common"]
    payload.provides += ["system-release = 10", "system-release(releasever) = 10"]
    # In EL's `filesystem`; the test distribution's lacks it.
    payload.add_directory("/usr/lib/modules")
    payload.add_file("/usr/lib/os-release", _OS_RELEASE)
    payload.add_link("/etc/os-release", "../usr/lib/os-release")
    return payload.build(scratch)


def _macros(scratch: Path) -> Path:
    """As the test distribution's, with this distro's own values."""
    payload = Payload("redhat-rpm-config", "293", "1.el10", scratch / "macros", noarch=True)
    payload.provides += ["system-rpm-config = 293"]
    payload.requires += ["rpm-build", "systemd-rpm-macros"]
    builds = (HERE / "files/macros.builds").read_text()
    payload.add_file("/usr/lib/rpm/macros.d/macros.builds", builds)
    text = (HERE / "files/macros.testdistro").read_text()
    for old, new in (
        (".test1", ".el10"), ("/var/lib/rpm", "/usr/lib/sysimage/rpm"), ("testdistro", "CentOS"),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    payload.add_file("/usr/lib/rpm/debian/macros", text)
    return payload.build(scratch)


def _empty(name: str, scratch: Path) -> Path:
    with TemporaryDirectory(dir=scratch) as work:
        payload = Payload(name, "1", "1.el10", Path(work), noarch=True, requires=["filesystem"])
        return payload.build(scratch)


def _serve_repository(
    internet: Internet, repository: YumRepository, packages: Sequence[Path], scratch: Path
) -> None:
    """Serves a repository on a mirror, its metalink, and its key at the key's own address."""
    signer = "epel" if repository.name == "epel" else "centos"
    home = scratch / f"key-{signer}"
    key = signing_key(settings_in(home), say=lambda _text: None)
    folder = internet.host(MIRROR) / repository.name
    folder.mkdir(parents=True)
    location = internet.url(MIRROR, repository.name)
    write_yum_repository(
        folder, packages, title=repository.name, key=key, epoch=EPOCH, location=location
    )
    (folder / KEY).rename(_place(internet, repository.keys[0]))
    index = (folder / "repodata/repomd.xml").read_bytes()
    text = _METALINK.format(
        size=len(index), hash=sha256(index).hexdigest(), url=f"{location}/repodata/repomd.xml"
    )
    _answer_metalink(internet, repository.metalink, text)


def _place(internet: Internet, url: str) -> Path:
    parts = urlsplit(url)
    place = internet.host(parts.netloc) / parts.path.strip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _answer_metalink(internet: Internet, url: str, text: str) -> None:
    """Answers the metalink of one repository; the address of all is one, the query differs."""
    parts = urlsplit(url)
    place = f"{parts.netloc}{parts.path}"
    before = internet.answers.get(place)
    wanted = parse_qs(parts.query)["repo"][0]

    def answer(query: Mapping[str, str]) -> str:
        if query["repo"] == wanted:
            assert query["arch"] == "x86_64", query
            return text
        assert before is not None, query
        return before(query)

    internet.answers[place] = answer
