"""What a request opens is what people read: an address range has no zone, and numbers that all read alike."""

from __future__ import annotations

import pytest

from domain.clusters.spec import reachable


@pytest.mark.parametrize(
    "text", ["fe80::1%eth0/128", "10.0.0.0/8:٤٤٣", "\uff11\uff10.0.0.0/8", "10.0.0.0/8:0", "10.0.0.1/8"]
)
def test_what_is_no_plain_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        reachable(text)


def test_a_range_and_its_port_are_read() -> None:
    assert reachable("10.0.0.0/8:443") == ("10.0.0.0/8", 443)
    assert reachable("2001:db8::/32") == ("2001:db8::/32", 0)
