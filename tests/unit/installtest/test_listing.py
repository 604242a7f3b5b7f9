# SPDX-License-Identifier: Apache-2.0
"""Lists of files: links among directories, and what appeared."""

import pytest

from xsbuild.installtest.listing import Entry, Listing, appeared, parse_listing

DIRECTORY = Entry("d", "root", "root")


def listing(*paths: str, **links: str) -> Listing:
    """Files and directories by path, and top directories that are links."""
    entries = dict.fromkeys(paths, DIRECTORY)
    entries |= {f"/{name}": Entry("l", "root", "root", target) for name, target in links.items()}
    return Listing(entries)


def test_records_are_read_whatever_is_in_a_name() -> None:
    output = "f\txen\t4711\t/a b\nc\t\0l\troot\troot\t/lib\tusr/lib\0"
    assert parse_listing(output).entries == {
        "/a b\nc": Entry("f", "xen", "4711"),
        "/lib": Entry("l", "root", "root", "usr/lib"),
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/lib/systemd/x", "/usr/lib/systemd/x"),
        ("//lib/x/", "/usr/lib/x"),
        ("/lib", "/lib"),  # the link itself is owned, not what it points at
        ("/lib64/x", "/usr/lib/x"),
        ("/up/x", "/x"),
        ("/usr/share/x", "/usr/share/x"),
        ("/loop/x", "/loop/x"),
        ("/", "/"),
    ],
)
def test_links_among_directories_are_followed(path: str, place: str) -> None:
    links = {"lib": "usr/lib", "lib64": "/lib", "up": "../..", "loop": "loop"}
    assert listing("/usr", "/usr/lib", **links).place(path) == place


def test_a_file_is_found_by_the_path_that_its_package_has() -> None:
    there = listing("/usr/lib/x", lib="usr/lib")
    assert there.find("/lib/x") == DIRECTORY
    assert there.find("/lib/y") is None


def test_what_appeared_is_told_by_its_topmost_directory() -> None:
    before = listing("/etc", "/var", "/gone")
    after = listing(
        "/etc", "/var", "/etc/x.conf", "/var/x", "/var/x/a", "/var/x/a/b", "/var/x-y",
        "/var/cache/apt/z", "/var/cache/aptitude",
    )  # fmt: skip
    assert appeared(before, after, ["/var/cache/apt"]) == {
        "/etc/x.conf": 0,
        "/var/x": 2,
        "/var/x-y": 0,
        "/var/cache/aptitude": 0,
    }
