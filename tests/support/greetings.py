# SPDX-License-Identifier: Apache-2.0
"""The project that recipes are tested with: support/recipes/project, a component a build system."""

from functools import cache
from pathlib import Path

from xsbuild.distros.load import find_distros
from xsbuild.manifest.load import load_manifest
from xsbuild.manifest.model import Manifest
from xsbuild.manifest.requirement import parse_capability
from xsbuild.manifest.systems import find_systems
from xsbuild.recipes.model import RecipeRequest
from xsbuild.shipped import shipped

ROOT = Path(__file__).parent / "recipes" / "project"
_NAMES = {
    "pkgconfig(zlib)": ("zlib1g-dev",),
    "pkgconfig(greet)": ("libgreet-dev",),
    "bin(jq)": ("jq",),
    "bin(stunnel)": ("stunnel4",),
    "bin(g++)": ("g++",),
    "bin(gcc)": ("gcc",),
    "kernel(dom0)": ("linux-image-amd64", "linux-image-arm64"),
    "python3dist(setuptools)": ("python3-setuptools",),
    "python3dist(pytest)": ("python3-pytest",),
}


@cache
def greetings() -> Manifest:
    """The manifest of the project."""
    return load_manifest(ROOT / "components.yaml")


def request_for(
    name: str, distro: str = "debian-13", *, folder: str = "debian", project: Path = ROOT
) -> RecipeRequest:
    """A component of the project, to be rendered for a distro with Debian's package names."""
    manifest = greetings()
    return RecipeRequest(
        name,
        manifest.components[name],
        manifest.product,
        find_distros([shipped("distros")]).get(distro),
        (project / folder, shipped(folder)),
        project,
        find_systems(project),
        {parse_capability(text): names for text, names in _NAMES.items()},
    )
