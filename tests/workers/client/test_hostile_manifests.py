"""A manifest that somebody types into the editor is read with bounds: what is wrong with it has its code and its line."""

from __future__ import annotations

import pytest

from tests.support.memory_client import memory_client
from workers.client.ports.pods import PodPlan, PodRequest

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c, image: x}]\n"
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 9)
)
CASES = {
    "aliases": (POD + BOMB, "SLW106"),
    "an alias of itself": ("&a {kind: Pod, spec: *a}", "SLW106"),
    "a number of 20,000 bits": (f"{POD}  activeDeadlineSeconds: 0x{'f' * 5000}", ""),
    "infinity": (POD + "  activeDeadlineSeconds: 1e999", "SLW203"),
    "depth": (POD + "  x: " + "[" * 5000, "SLW104"),
    "a merge key": (POD + "  <<: {hostPID: true}", "SLW201"),
    "a key twice": (POD + "spec: {hostPID: true}\n", "SLW105"),
    "two documents": (POD + "---\nkind: Pod\nspec: {}", "SLW108"),
    "half a character": (POD + '  x: "\\ud800"', "SLW101"),
}


async def planned(text: str) -> PodPlan:
    return await memory_client().pods.plan(PodRequest(cluster="eu-1", namespace="shop", name="p", manifest=text))


@pytest.mark.parametrize("name", CASES)
async def test_what_no_server_should_read_is_a_remark_at_its_place(name: str) -> None:
    text, code = CASES[name]
    plan = await planned(text)
    found = [one.code for one in plan.remarks if one.severity == "error"]
    assert not code or (found[:1] == [code] and not plan.asked_server)


async def test_ten_megabytes_are_refused_before_they_are_read() -> None:
    plan = await planned(POD + "#" * 10_000_000)
    assert [one.field for one in plan.errors] == ["manifest"]
    assert not plan.asked_server


async def test_a_tag_makes_no_object_of_a_program() -> None:
    plan = await planned(POD + "  nodeName: !!python/object/apply:os.system [id]")
    assert "python" not in plan.manifest
