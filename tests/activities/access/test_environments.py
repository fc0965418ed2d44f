"""One reader of registered environments: approvals, images and watches, and nothing demanded by default but signatures."""

import pytest

from activities.access.environments import Environments
from domain.approvals.request import EnvironmentRule, Trust
from domain.scans.rescan import Then, WatchRule
from domain.supply_chain.image_policy import ImageRule
from pipeline_defs.releases.environment_model import Environment
from workers.core.records import Records

DOCUMENT = {
    "apiVersion": "sluiceway/v1",
    "kind": "Environment",
    "name": "production",
    "approval": {"groups": ["managers"], "quorum": 2},
    "images": {"built-here": True, "scanned-within": "1d"},
    "watch": {"severity": "high", "then": ["notify", "block"]},
}


@pytest.fixture
def definitions(tmp_path):
    return Records.at(tmp_path / "records.db").definitions


def test_what_was_registered_is_what_is_demanded(definitions):
    definitions.save("Environment", "production", Environment.model_validate(DOCUMENT).model_dump_json())
    found = Environments(definitions).get("production")
    assert (found.approval.groups, found.approval.quorum, found.approval.trust) == (("managers",), 2, Trust.SIGNED)
    assert found.images == ImageRule(built_here=True, scanned_within_s=86_400)
    assert found.watch == WatchRule("high", then=(Then.NOTIFY, Then.BLOCK))


@pytest.mark.parametrize("name", ["", "unknown"])
def test_an_environment_that_is_not_registered_demands_signatures_and_nothing_of_images(definitions, name):
    found = Environments(definitions).get(name)
    assert (found.approval, found.approval.trust) == (EnvironmentRule(name=name), Trust.SIGNED)
    assert (found.images, found.watch) == (ImageRule(), WatchRule())
