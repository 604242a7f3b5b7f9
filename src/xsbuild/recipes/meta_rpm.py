# SPDX-License-Identifier: Apache-2.0
"""Meta-packages as RPMs: one noarch file for all distros of the family."""

import tempfile
import textwrap
from pathlib import Path

from xsbuild.host.confined import run_confined
from xsbuild.host.files import copy_plain
from xsbuild.manifest.model import MetaPackage, Product
from xsbuild.recipes.model import epoch_of
from xsbuild.recipes.rpm_package import Names, filled, requirements
from xsbuild.recipes.text import macro_free, spec_body

# Reproducible everywhere, and readable by every rpm in use.
_MACROS = {
    "dist": "%{nil}",
    "use_source_date_epoch_as_buildtime": "1",
    "_buildhost": "localhost",
    "_binary_payload": "w9.gzdio",
    "_binary_filedigest_algorithm": "8",
    "_rpmfilename": "%{NAME}-%{VERSION}-%{RELEASE}.noarch.rpm",
    "vendor": "%{nil}",
    "packager": "%{nil}",
    "_build_id_links": "none",
    "__os_install_post": "%{nil}",
    "optflags": "%{nil}",
    "_target_platform": "noarch-linux",
}


def render_meta_spec(name: str, meta: MetaPackage, product: Product, names: Names) -> str:
    """Render the spec file of a meta-package.

    Args:
        name: the meta-package's name.
        meta: its manifest entry.
        product: maintainer and version; no dist tag, as it is for all distros.
        names: capability → package names on all distros of the family.

    Raises:
        RecipeError: a requirement has no name.
    """
    relations = [f"Requires:       {text}" for text in requirements(meta.requires, names)]
    relations += [f"Recommends:     {text}" for text in requirements(meta.recommends, names)]
    head = f"""\
        Name:           {name}
        Version:        {product.version}
        Release:        1
        Summary:        {macro_free(meta.summary)}
        License:        {macro_free(product.license)}
        URL:            {macro_free(product.homepage)}
        BuildArch:      noarch
        """
    changelog = f"""\
        %changelog
        * {product.date:%a %b %d %Y} {macro_free(product.maintainer)} - {product.version}-1
        - {macro_free(product.title)} {product.version}
        """
    description = f"%description\n{spec_body(filled(meta.description))}\n\n%files\n\n"
    return "".join(
        [
            textwrap.dedent(head),
            "".join(f"{line}\n" for line in relations),
            f"\n{description}",
            textwrap.dedent(changelog),
        ]
    )


def build_meta_rpm(
    name: str, meta: MetaPackage, product: Product, names: Names, folder: Path
) -> Path:
    """Make a meta-package; the same arguments give the same bytes.

    Args:
        folder: an existing directory for the file.

    Returns:
        The ``.rpm``.

    Raises:
        RecipeError: a requirement has no name.
    """
    with tempfile.TemporaryDirectory(dir=folder) as top:
        spec = Path(top, f"{name}.spec")
        spec.write_text(render_meta_spec(name, meta, product, names), encoding="utf-8")
        macros = {**_MACROS, "_topdir": top, "_rpmdir": top, "_tmppath": top}
        defined = [word for key, value in macros.items() for word in ("--define", f"{key} {value}")]
        run_confined(
            ["rpmbuild", *defined, "--target", "noarch", "-bb", spec],
            folder=Path(top),
            env={"SOURCE_DATE_EPOCH": str(epoch_of(product.date))},
        )
        return copy_plain(Path(top, f"{name}-{product.version}-1.noarch.rpm"), folder)
