"""One reader of registered environments: approvals, images and watches, and nothing demanded by default but signatures."""

import json

import pytest

from activities.access.environments import Environments, closed
from domain.approvals.request import Trust
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


def test_without_an_environment_signatures_and_four_eyes_are_demanded_and_nothing_of_images(definitions):
    found = Environments(definitions).get("")
    assert (found.approval, found.approval.trust) == (closed(""), Trust.SIGNED)
    assert (found.images, found.watch) == (ImageRule(), WatchRule())


def test_where_people_are_named_at_least_one_approval_is_demanded(definitions):
    environments = Environments(definitions)
    for name, named in (
        ("by-user", {"users": ["ann"]}),
        ("by-group", {"groups": ["x"]}),
        ("each", {"per-group": {"x": 2}}),
    ):
        document = Environment.model_validate({**DOCUMENT, "name": name, "approval": named})
        environments.register(name, json.loads(document.model_dump_json()))

        assert environments.get(name).approval.quorum == 1, name


def test_a_document_of_before_the_closed_defaults_allows_nobody_their_own_change(definitions):
    open_ = {"author": True, "committer": True, "starter": True}
    document = Environment.model_validate({**DOCUMENT, "approval": {"allow": open_}})
    definitions.save("Environment", "production", document.model_dump_json())
    environments = Environments(definitions)
    before = environments.get("production").approval
    environments.register("production", json.loads(document.model_dump_json()))
    after = environments.get("production").approval

    assert (before.allow_author, before.allow_committer, before.allow_starter) == (False, False, False)
    assert (after.allow_author, after.allow_committer, after.allow_starter) == (True, True, True)
