"""Environments that a pushed commit makes up: unknown ones, and names that are none."""

import pytest

from activities.access.environments import Environments
from domain.core.errors import RefusedError
from workers.core.plain_environment import plain
from workers.core.records import Records

NO_NAMES = (
    "../../x",
    "Production",
    "production_r4",
    "pro duction",
    "a`) || Host(`b",
    "-a",
    "a-",
    "a\n",
    "x" * 64,
    "é",
    ".",
)


@pytest.fixture
def environments(tmp_path):
    return Environments(Records.at(tmp_path / "records.db").definitions)


def test_an_unregistered_environment_is_refused_and_a_registered_one_is_not(environments):
    with pytest.raises(RefusedError) as refused:
        environments.need("production")
    environments.register("production", plain("production"))

    assert (refused.value.code, "sluiceway environment add production" in refused.value.fix) == ("SLW061", True)
    assert environments.need("production").approval.registered


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_is_neither_registered_nor_needed(environments, name):
    for attempt in (lambda: environments.register(name, plain(name)), lambda: environments.need(name)):
        with pytest.raises(RefusedError) as refused:
            attempt()
        assert refused.value.code == "SLW060"
    assert environments.names() == []


@pytest.mark.parametrize("name", NO_NAMES)
def test_an_installation_that_opens_environments_opens_none_without_a_name(environments, name):
    opened = Environments(environments.definitions, opened=True)
    with pytest.raises(RefusedError) as refused:
        opened.need(name)

    assert refused.value.code == "SLW060"
    assert (opened.need("anything").approval.registered, opened.need("anything").approval.allow_author) == (True, False)
