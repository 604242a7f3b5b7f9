# SPDX-License-Identifier: Apache-2.0
import pytest

from xsbuild.errors import InputError
from xsbuild.manifest.source import UrlSource
from xsbuild.sources.addresses import file_name_of, shown
from xsbuild.sources.kinds.url import UrlKind


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


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://example.org/a-1.tar.gz?raw=1", "a-1.tar.gz"),
        ("https://example.org/a%201.tar.gz", "a 1.tar.gz"),
        ("https://example.org/v1.tar.gz#/a-1.tar.gz", "a-1.tar.gz"),
        ("https://example.org/v1.tar.gz#sha256=1", "v1.tar.gz"),
    ],
)
def test_names_from_addresses_of_every_form(address: str, name: str) -> None:
    assert file_name_of(address) == name


@pytest.mark.parametrize(
    ("url", "file_name", "address"),
    [
        ("https://h/a-1.tar.gz", "a-1.tar.gz", "https://h/a-1.tar.gz"),
        ("https://h/get?file=a.tgz", "get", "https://h/get?file=a.tgz#/get"),
        ("https://h/a%201.tgz", "a_1.tgz", "https://h/a%201.tgz#/a_1.tgz"),
        ("https://h/v1.tgz#/a.tgz", "a.tgz", "https://h/v1.tgz#/a.tgz"),
        ("https://h/a-1.zip", "a-1.tar.gz", "https://h/a-1.zip#/a-1.tar.gz"),
        ("file:///h/a%201.zip", "a_1.tar.gz", "a_1.tar.gz"),
    ],
)
def test_source_tags(url: str, file_name: str, address: str) -> None:
    origin = UrlKind(UrlSource(url=url)).origin("x-1.tar.gz", "1")
    assert (origin.file_name, origin.address) == (file_name, address)
