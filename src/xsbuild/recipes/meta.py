# SPDX-License-Identifier: Apache-2.0
"""Meta-packages: no payload, one file for all distros of a family, so no chroot is needed."""

import gzip
import textwrap
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from xsbuild.host import process
from xsbuild.manifest.model import MetaPackage, Product
from xsbuild.manifest.requirement import Capability
from xsbuild.recipes.debian_control import description, relations
from xsbuild.recipes.model import epoch_of
from xsbuild.recipes.tree import File, FileTree, write_tree

Names = Mapping[Capability, tuple[str, ...]]


def render_meta_deb(name: str, meta: MetaPackage, product: Product, names: Names) -> FileTree:
    """Render the tree that ``dpkg-deb --build`` packs.

    Args:
        name: the meta-package's name.
        meta: its manifest entry.
        product: maintainer and version; no distro suffix, as it is for all distros.
        names: capability → package names on all distros of the family.

    Raises:
        RecipeError: a requirement has no name.
    """
    fields = {
        "Package": name,
        "Version": product.version,
        "Architecture": "all",
        "Maintainer": product.maintainer,
        "Section": "metapackages",
        "Priority": "optional",
        "Homepage": product.homepage,
        "Depends": ", ".join(relations(meta.requires, names)),
        "Recommends": ", ".join(relations(meta.recommends, names)),
        "Description": description(meta.summary, meta.description),
    }
    control = "".join(f"{key}: {value}\n" for key, value in fields.items() if value)
    documents = PurePosixPath("usr/share/doc", name)
    return {
        PurePosixPath("DEBIAN/control"): File(control.encode()),
        documents / "copyright": File(_copyright(product).encode()),
        documents / "changelog.gz": File(gzip.compress(_changelog(name, product), mtime=0)),
    }


def _copyright(product: Product) -> str:
    return textwrap.dedent(f"""\
        Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
        Source: {product.homepage}

        Files: *
        Copyright: {product.date.year} {product.maintainer}
        License: {product.license}
         The package holds nothing but this file and its changelog.
        """)


def _changelog(name: str, product: Product) -> bytes:
    date = product.date.strftime("%a, %d %b %Y 00:00:00 +0000")
    return textwrap.dedent(f"""\
        {name} ({product.version}) unstable; urgency=medium

          * {product.title} {product.version}

         -- {product.maintainer}  {date}
        """).encode()


def build_meta_deb(
    name: str, meta: MetaPackage, product: Product, names: Names, folder: Path
) -> Path:
    """Make a meta-package; the same arguments give the same bytes.

    Args:
        folder: an existing directory for the file.

    Returns:
        The ``.deb``.

    Raises:
        RecipeError: a requirement has no name.
    """
    epoch = epoch_of(product.date)
    tree = folder / f"{name}.tree"
    write_tree(render_meta_deb(name, meta, product, names), tree, epoch=epoch)
    deb = folder / f"{name}_{product.version}_all.deb"
    process.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "--build", tree, deb],
        env={"SOURCE_DATE_EPOCH": str(epoch)},
    )
    return deb
