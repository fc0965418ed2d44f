"""Which registries are asked without TLS: those whose requests leave no machine."""

import socket

import pytest

from activities.supply_chain.oras_client import on_this_machine


@pytest.mark.parametrize(
    ("host", "plain"),
    [
        ("127.0.0.1:5000", True),
        ("[::1]:5000", True),
        ("localhost:5000", True),
        ("localhost", True),
        ("192.0.2.7:5000", False),  # of RFC 5737: nobody's
        ("[2001:db8::1]:5000", False),
        ("registry.example.org", False),
        ("0.0.0.0.example.org:5000", False),
    ],
)
def test_only_a_registry_on_this_machine_is_asked_by_plain_http(host, plain):
    assert on_this_machine(host) is plain


def test_any_address_of_this_machine_counts(own_address):
    assert on_this_machine(f"{own_address}:5000")


@pytest.fixture
def own_address():
    """An address that is not of the loopback network by its number, where this machine has one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.7", 9))
        except OSError:
            return "127.0.0.2"  # a machine without a way out has no other
        return probe.getsockname()[0]
