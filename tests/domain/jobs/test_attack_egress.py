"""Which names and addresses a job's proxy lets through, whatever spelling they have."""

import pytest

from domain.core import addresses
from domain.jobs.egress import HostError, egress_of, host_of, name_of, range_of

LIST = egress_of(["example.org", "*.pypi.example:8443", "registry"])

LISTED = [
    ("example.org", 443),
    ("example.org", 80),
    ("EXAMPLE.org.", 443),
    ("files.pypi.example", 8443),
    ("a.b.pypi.example", 8443),
    ("registry", 80),
]


@pytest.mark.parametrize(("name", "port"), LISTED)
def test_what_is_listed_is_let_through(name: str, port: int):
    assert LIST.lists(name_of(name), port)


UNLISTED = [
    ("example.org", 8080),
    ("example.org", 22),
    ("a.example.org", 443),
    ("notexample.org", 443),
    ("example.org.evil.example", 443),
    ("pypi.example", 8443),
    ("evilpypi.example", 8443),
    ("files.pypi.example", 443),
]


@pytest.mark.parametrize(("name", "port"), UNLISTED)
def test_what_only_looks_like_an_entry_is_not(name: str, port: int):
    assert not LIST.lists(name_of(name), port)


NO_NAMES = [
    *(
        "127.0.0.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f000001",
        "0x7f.1",
        "127.1",
        "1.2.3.4.",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ),
    *(
        "",
        ".",
        "example.org..",
        ".example.org",
        "a..b",
        "-a.example",
        "a b",
        "exämple.org",
        "example.org\0",
        "a/b",
        "a@b",
    ),
    *("a" * 64, "a." * 130, "example.org:80", "*.example.org", "example.org%2f", "example。org"),
]


@pytest.mark.parametrize("text", NO_NAMES)
def test_an_address_or_a_malformed_text_is_no_name(text: str):
    with pytest.raises(HostError):
        name_of(text)


@pytest.mark.parametrize("text", ["10.0.0.1", "*.", "*.*.a", "a*.b", "a:0", "a:65536", "a:08", "a:", "a:80:80", "**"])
def test_an_entry_that_could_mean_something_else_is_none(text: str):
    with pytest.raises(HostError):
        host_of(text)
    assert host_of("*.a:65535").ports == (65_535,)


SHUT = [
    *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "198.18.0.1"),
    *("192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("::127.0.0.1", "fc00::1", "fd00::1", "ff02::1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:0:7f00:1::", "fec0::1"),
    *(
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "fd20:ce::254",
    ),
    *("100.100.100.200", "168.63.129.16", "192.0.0.192"),
]
PUBLIC = ["93.184.215.14", "1.1.1.1", "::ffff:1.1.1.1", "2606:4700:4700::1111"]


@pytest.mark.parametrize("address", SHUT)
def test_an_address_that_is_not_public_is_refused(address: str):
    assert LIST.refusal(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_not(address: str):
    assert LIST.refusal(address) == ""


def test_a_range_opens_private_addresses_and_never_metadata():
    wide = egress_of([], ["0.0.0.0/0", "::/0"])

    assert wide.refusal("10.1.2.3") == wide.refusal("127.0.0.1") == wide.refusal("fd00::1") == ""
    for one in (*(text.partition("/")[0] for text in addresses.METADATA), "64:ff9b::a9fe:a9fe", "169.254.169.254"):
        assert "metadata" in wide.refusal(one), one
    assert egress_of([], ["10.1.0.0/16"]).refusal("10.2.0.1")


@pytest.mark.parametrize("text", ["10.0.0.1/8", "example.org", "10.0.0.0/33"])
def test_a_malformed_range_is_none(text: str):
    with pytest.raises(HostError):
        range_of(text)
