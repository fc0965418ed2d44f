"""A deployment of what nobody could approve is told before it is refused."""

import pytest

from pipeline_defs.documents import check

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs:\n"
BUILD = "  build: {{needs: {needs}, run: make, artifacts: {{out: {{app: app}}}}, outputs: {{image: string}}}}\n"
ASK = "  ok: {{needs: {needs}, environment: {environment}, approval: {{groups: [managers]}}}}\n"
SHIP = "  ship: {{needs: [ok, build], environment: production, deploy: {{service: web, {deploy}}}}}\n"
ARTIFACT = "command: [x], artifact: build.app"
IMAGE = "target: docker, image: '${{ needs.build.outputs.image }}'"


def warned(build: str, ok: str, deploy: str, environment: str = "production") -> list[tuple[str, str]]:
    text = HEAD + BUILD.format(needs=build) + ASK.format(needs=ok, environment=environment) + SHIP.format(deploy=deploy)
    found = check(text.encode(), "p.yaml", lambda path: None).diagnostics
    return [(one.code, one.message) for one in found if "cannot approve" in one.message]


@pytest.mark.parametrize("deploy", [ARTIFACT, IMAGE])
def test_a_build_after_the_approval_is_warned_of(deploy: str):
    ((code, message),) = warned("ok", "[]", deploy)

    assert code == "SLW028"
    assert message == "'build' runs after ok, which therefore cannot approve what it makes"
    assert len(warned("[]", "[]", deploy)) == 1  # beside it is not before it


@pytest.mark.parametrize("deploy", [ARTIFACT, IMAGE])
def test_a_build_before_the_approval_is_not(deploy: str):
    assert warned("[]", "build", deploy) == []


def test_an_approval_for_another_environment_approves_nothing_here():
    assert warned("ok", "[]", ARTIFACT, environment="staging") == []
