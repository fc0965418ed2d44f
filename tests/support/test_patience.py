"""A limit tells a test that hangs from one that is slow; on CI the machine may be busy."""

import pytest

from tests.support import patience


def test_every_limit_of_a_test_is_longer_where_the_machine_is_busy(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FACTOR", 3)
    request.node.add_marker(pytest.mark.timeout(40), append=False)

    patience.give_time([request.node])

    limit = request.node.get_closest_marker("timeout")
    assert limit is not None
    assert limit.args == (120,)
