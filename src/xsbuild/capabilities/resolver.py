# SPDX-License-Identifier: Apache-2.0
"""Find the package of a capability on a distro, by the distro's index. Pure.

1. `names` in the distro's file, and ``package(deb: x, rpm: y)``, are used if such a package exists.
2. Otherwise every package with a matching file (`patterns`), or that provides the capability in
   rpm's words, is a candidate. A program that is no package's file may be an alternative: then the
   package of that name is, if it has a program beginning with it (iptables-nft). Debug packages,
   transitional packages and cross-compilers are not candidates.
3. A package with a version in its name gives way to an unversioned one that depends on it: of the
   same source, or named the same without the version (libjpeg62-turbo-dev to libjpeg-dev, gcc-12 to
   gcc, libpython3.13-dev to libpython3-dev).
4. A package with a part of a program gives way to the one named as the program, of the same
   source, that depends on it (python3-minimal to python3). A package with findlib's META gives way
   to its development package.
5. Of several, these are preferred, in this order, as long as one is left: packages without their
   version in their name; essential ones; development packages, for build-time kinds; the one named
   as the capability; the one whose name is a prefix of all others (isc-dhcp-client,
   isc-dhcp-client-ddns).
6. If several remain, the error lists them. `names` in the distro's file, or ``package(…)`` in the
   manifest, decides.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from xsbuild.capabilities.index import Index, Offer
from xsbuild.capabilities.names import stated_names
from xsbuild.capabilities.patterns import spellings
from xsbuild.capabilities.records import PackageRecord
from xsbuild.capabilities.versions import has_version, without_version
from xsbuild.distros.model import Distro
from xsbuild.manifest.requirement import PACKAGE, Capability

_NEAREST = 3
_LIKE = 2000

_COMPILERS = ("header", "lib", "pkgconfig", "cmake", "ocamlfind")
_DEVELOPMENT = ("-dev", "-devel")
_DEBUG = ("-dbg", "-dbgsym", "-debuginfo", "-debugsource")


@dataclass(frozen=True, slots=True)
class Resolved:
    """The package of a capability.

    Attributes:
        package: its name.
        version: the capability's version if the package states one, else the package's.
        source_version: the version of its source package.
        why: the steps of the search, one a line.
    """

    capability: Capability
    package: str
    version: str
    source_version: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A capability without a package, or with several.

    Attributes:
        candidates: packages among which no rule decides.
        nearest: capabilities with similar names.
        why: the steps of the search, one a line.
    """

    capability: Capability
    candidates: tuple[str, ...]
    nearest: tuple[str, ...]
    why: tuple[str, ...]

    def __str__(self) -> str:
        if self.candidates:
            return (
                f"{self.capability} is one of {', '.join(self.candidates)}: choose under `names` "
                "of the distro, or write `package(deb: …, rpm: …)`"
            )
        near = f"; there is {', '.join(self.nearest)}" if self.nearest else ""
        return f"{self.capability} is not there{near}"


def resolve(capability: Capability, index: Index, distro: Distro) -> Resolved | Unresolved:
    """Find the package of a capability on a distro, by the rules of this module."""
    stated = _stated(capability, distro)
    why: list[str] = []
    if stated:
        name, where = stated
        why.append(f"{name} by {where}")
        offers = index.having(name[1:]) if name.startswith("/") else _named(name, index)
    else:
        offers = list(_candidates(capability, index, why))
    for narrow in _steps(capability, index):
        offers = narrow(offers, why)
    if len({offer.package.name for offer in offers}) == 1:
        found = offers[0]
        return Resolved(
            capability,
            found.package.name,
            found.version or found.package.version,
            found.package.source_version,
            tuple(why),
        )
    candidates = tuple(dict.fromkeys(offer.package.name for offer in offers))
    nearest = () if candidates else _nearest(capability, index)
    return Unresolved(capability, candidates, nearest, tuple(why))


def _stated(capability: Capability, distro: Distro) -> tuple[str, str] | None:
    if capability.kind == PACKAGE:
        name = capability.package_names().get(distro.family)
        return (name, "its own name") if name else None
    name = stated_names(distro).get(capability)
    return (name, f"`names` of {distro.name}") if name else None


def _named(name: str, index: Index) -> list[Offer]:
    package = index.package(name)
    return [Offer(package, name)] if package else []


def _candidates(capability: Capability, index: Index, why: list[str]) -> Iterator[Offer]:
    kind = capability.kind
    for name in spellings(kind, capability.name):
        offers = index.having(name) if kind == "file" else index.offering(kind, name)
        if offers:
            why += [f"{offer.package.name} has {offer.path}" for offer in offers]
            yield from offers
            return
    if kind == "bin":
        for offer in index.alternatives(capability.name):
            why.append(f"{offer.package.name} has {offer.path} (update-alternatives(1))")
            yield offer


_Narrow = Callable[[Sequence[Offer], list[str]], list[Offer]]


def _steps(capability: Capability, index: Index) -> Iterator[_Narrow]:
    yield _usable
    yield lambda offers, why: [_unversioned(offer, index, why) for offer in offers]
    yield lambda offers, why: [_whole(offer, capability, index, why) for offer in offers]
    yield _preferring("no version in its name", lambda p: not has_version(p.name, p.version))
    yield _preferring("essential", lambda package: package.essential)
    if capability.kind in _COMPILERS:
        yield _preferring("for development", lambda p: p.name.endswith(_DEVELOPMENT))
    yield _preferring("named so", lambda package: package.name == capability.name)
    yield _shortest


def _usable(offers: Sequence[Offer], why: list[str]) -> list[Offer]:
    found = []
    for offer in offers:
        reason = _unusable(offer.package)
        if reason:
            why.append(f"not {offer.package.name}: {reason}")
        else:
            found.append(offer)
    return found


def _unusable(package: PackageRecord) -> str | None:
    if package.section.endswith("debug") or package.name.endswith(_DEBUG):
        return "for debugging"
    if package.section.endswith("oldlibs") or "transitional" in package.summary.lower():
        return "transitional"
    if package.name.endswith("-cross"):
        return "for another architecture"
    return None


def _unversioned(offer: Offer, index: Index, why: list[str]) -> Offer:
    package = offer.package
    if not any(character.isdigit() for character in package.name):
        return offer
    stems = [index.package(name) for name in without_version(package.name)]
    for other in [*filter(None, stems), *index.of_source(package.source)]:
        leads = _says_less(other.name, package.name) and depends_on(other, package.name)
        if leads and not _unusable(other):
            why.append(f"{other.name} leads to {package.name}, whose name has a version")
            return replace(offer, package=other, version=None)
    return offer


def _says_less(short: str, long: str) -> bool:
    """Return whether a name is another without some of its words or numbers."""
    digits = sum(map(str.isdigit, short)) < sum(map(str.isdigit, long))
    pending = iter(re.findall(r"[a-z]+", long))
    return digits and all(word in pending for word in re.findall(r"[a-z]+", short))


def _whole(offer: Offer, capability: Capability, index: Index, why: list[str]) -> Offer:
    package = offer.package
    name = {"bin": capability.name, "ocamlfind": f"{package.name}-dev"}.get(capability.kind)
    other = index.package(name) if name and name != package.name else None
    if other is None or other.source != package.source or _unusable(other):
        return offer
    # A findlib -dev package depends on the other by a virtual name.
    if capability.kind == "ocamlfind" or depends_on(other, package.name):
        why.append(f"{other.name} has the rest of {package.name}")
        return replace(offer, package=other)
    return offer


def depends_on(package: PackageRecord, name: str) -> bool:
    """Return whether one package depends directly on another, an alternative counting."""
    pattern = rf"(?:^|[ ,|]){re.escape(name)}(?:[ ,|:(]|$)"
    return re.search(pattern, package.depends) is not None


def _preferring(what: str, wanted: Callable[[PackageRecord], bool]) -> _Narrow:
    def narrow(offers: Sequence[Offer], why: list[str]) -> list[Offer]:
        preferred = [offer for offer in offers if wanted(offer.package)]
        if preferred and len(preferred) < len(offers):
            names = dict.fromkeys(offer.package.name for offer in preferred)
            why.append(f"{', '.join(names)} preferred: {what}")
        return preferred or list(offers)

    return narrow


def _shortest(offers: Sequence[Offer], why: list[str]) -> list[Offer]:
    names = {offer.package.name for offer in offers}
    first = min(names, key=len, default="")
    if len(names) < 2 or not all(name.startswith(first) for name in names):  # noqa: PLR2004
        return list(offers)
    why.append(f"{first} preferred: the others' names begin with it")
    return [offer for offer in offers if offer.package.name == first]


def _nearest(capability: Capability, index: Index) -> tuple[str, ...]:
    kind, name = capability.kind, capability.name
    if kind == PACKAGE:
        return ()
    words = list(index.names_like(kind, name, _LIKE))
    close = get_close_matches(name, words, n=_NEAREST, cutoff=0.7)
    return tuple(f"{kind}({word})" for word in close)
