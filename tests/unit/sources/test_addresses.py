# SPDX-License-Identifier: Apache-2.0
import pytest

from xsbuild.errors import InputError
from xsbuild.sources.addresses import file_name_of, rewrite, shown

PREFIXES = {
    "https://x.invalid/": "file:///a/",
    "https://x.invalid/b/": "file:///c/",
    "ssh:": "git:",
}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://x.invalid/y", "file:///a/y"),
        ("https://x.invalid/b/y", "file:///c/y"),
        ("https://x.invalid/b", "file:///a/b"),
        ("http://x.invalid/y", "http://x.invalid/y"),
        ("ssh://https://x.invalid/", "git://https://x.invalid/"),
    ],
)
def test_the_longest_prefix_wins(address: str, expected: str) -> None:
    assert rewrite(address, PREFIXES) == expected


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://x.invalid/a/x-1.tar.gz", "x-1.tar.gz"),
        ("https://x.invalid/x%2B1.zip?download=1#top", "x+1.zip"),
        ("file:///srv/x.tar", "x.tar"),
        ("pool/main/x/x_1.orig.tar.xz", "x_1.orig.tar.xz"),
    ],
)
def test_the_name_of_a_file(address: str, name: str) -> None:
    assert file_name_of(address) == name


@pytest.mark.parametrize("name", ["", "..", "a%2Fb", ".hidden", "-rf", "a%00b", "a%0Ab"])
def test_what_is_no_name_of_a_file(name: str) -> None:
    with pytest.raises(InputError):
        file_name_of(f"https://x.invalid/{name}")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://me:secret@x.invalid:8/y?z", "https://x.invalid:8/y?z"),
        ("https://x.invalid/y@z", "https://x.invalid/y@z"),
        ("file:///x", "file:///x"),
    ],
)
def test_passwords_are_not_shown(address: str, expected: str) -> None:
    assert shown(address) == expected
