"""Links of a machine that go by themselves."""

import pytest

from activities.clusters.providers.local import linux_host
from domain.core.errors import SluicewayError


def test_a_link_that_goes_while_it_is_removed_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    there = iter([True, False])
    monkeypatch.setattr(linux_host, "has_link", lambda name: next(there))
    monkeypatch.setattr(linux_host, "program", lambda name: "/bin/false")
    linux_host.remove_link("slw0v1")


def test_a_link_that_stays_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linux_host, "has_link", lambda name: True)
    monkeypatch.setattr(linux_host, "program", lambda name: "/bin/false")
    with pytest.raises(SluicewayError) as told:
        linux_host.remove_link("slw0v1")
    assert told.value.code == "SLW947"
