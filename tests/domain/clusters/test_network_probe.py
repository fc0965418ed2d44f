"""A namespace counts as isolated only when a stranger was kept out, and a neighbour was not."""

import pytest

from domain.clusters.network_probe import Isolation, Reached, verdict


@pytest.mark.parametrize(
    ("neighbour", "stranger", "isolated", "expected"),
    [
        (True, False, True, Isolation.ENFORCED),
        (True, True, True, Isolation.NOT_ENFORCED),
        (True, True, False, Isolation.OPEN),
        (False, False, True, Isolation.BROKEN),
        (False, True, True, Isolation.BROKEN),
        (False, False, False, Isolation.BROKEN),
    ],
)
def test_what_pods_found_out_decides(neighbour, stranger, isolated, expected):
    assert verdict(Reached(neighbour, stranger), isolated, "bridge").isolation is expected
