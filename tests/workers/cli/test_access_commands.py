"""access and policy: the rights of a home on its command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.command_line import call


def test_the_owner_of_a_home_gives_explains_and_takes_rights(home: object) -> None:
    code, out, err = call("access", "grant", "person:ann", "operator", "environment:production", "--for", "8h")
    assert code == 0, err
    number = out.split()[0]
    assert call("access", "can-i", "people:write")[:2] == (0, "yes: owner/home\n")
    assert json.loads(call("access", "can-i", "people:write", "--json")[1])["rule"] == "owner/home"
    _, out, _ = call(
        "access", "explain", "releases:promote", "release:release/shop/production/1", "--principal", "person:ann"
    )
    assert f"decided by   grant/{number} (rbac)" in out
    _, out, _ = call("access", "explain", "runs:start", "pipeline:web", "--principal", "person:ann", "--json")
    verdict = json.loads(out)["verdict"]
    assert (verdict["allowed"], verdict["rule"]) == (False, "default/deny")
    assert "developer or admin on pipeline:web" in verdict["missing"]
    assert call("access", "revoke", number)[0] == 0
    assert call("access", "grants")[1] == "nothing is granted\n"
    assert call("access", "revoke", number)[0] == 1


def test_labels_and_projects_hold_at_once_for_the_owner(home: object) -> None:
    assert "waits" not in call("access", "label", "pipeline:web", "--level", "2", "--compartment", "payments")[1]
    assert call("access", "labels")[1].split() == ["pipeline:web", "level", "2", "payments"]
    assert call("access", "move", "pipeline:web", "shop")[0] == 0
    _, out, _ = call("access", "explain", "runs:read", "pipeline:web", "--principal", "person:ann")
    assert "mac/no-read-up" in out
    assert "project:shop" in out
    assert call("access", "move", "person:ann", "shop")[0] == 2


def test_a_set_of_policies_goes_its_way_on_the_command_line(home: object, tmp_path: Path) -> None:
    file = tmp_path / "freeze.cedar"
    file.write_text('@id("pbac/freeze") forbid (principal, action == Action::"runs:start", resource);')
    code, out, err = call("policy", "draft", "freeze", str(file))
    assert (code, "freeze 1 is drafted" in out) == (0, True), err
    assert call("policy", "activate", "freeze")[0] == 3
    assert "0 decisions" in call("policy", "simulate", "freeze")[1]
    for step, state in (("shadow", "shadow"), ("activate", "active")):
        assert call("policy", step, "freeze")[1] == f"freeze 1 is {state}\n"
    assert "pbac/freeze" in call("access", "explain", "runs:start", "pipeline:web", "--principal", "person:ann")[1]
    assert "forbid (principal" in call("policy", "show", "freeze")[1]
    assert call("policy", "sets")[1].split()[:3] == ["freeze", "1", "active"]
    assert call("policy", "retire", "freeze")[0] == 0
    file.write_text("permit everything")
    assert call("policy", "draft", "freeze", str(file))[0] == 2
