"""Unit tests of pipelines: `sluiceway test` plays them in virtual time, on the workflows of production."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.command_line import call
from tests.support.programs import program

pytestmark = pytest.mark.long

EXAMPLES = Path(__file__).parents[3] / "pipeline_defs" / "examples"
PIPELINE = """apiVersion: sluiceway/v1
kind: Pipeline
name: played
params: {level: {type: integer, default: 1}}
jobs:
  list:
    run: x
    outputs: {items: list}
  each:
    needs: list
    for-each: needs.list.outputs.items
    timeouts: {run: 1h}
    retry: {attempts: 2, on: [timeout, "exit:75"]}
    run: x
  wide:
    when: params.level > 1
    matrix: {axes: {n: [1, 2]}}
    run: x
  ship:
    needs: each
    environment: soak
    deploy:
      service: played
      version: "2"
      command: [x]
      strategy: canary
      analysis: {bake: 3d, tick: 1m}
"""
HEAD = "apiVersion: sluiceway/v1\nkind: PipelineTest\ncases:\n"
CASES = (
    HEAD
    + """
- name: a soak of three days
  given: {live: {played: "1"}}
  mocks: {jobs: {list: {outputs: {items: [1, 2, 3]}}}}
  expect: {status: passed, ran: [list, each, ship], skipped: {wide: params.level}, duration: {at-least: 3d, at-most: 4d}}
- name: an item fails once, and another is too slow
  mocks:
    jobs:
      list: {outputs: {items: [1, 2]}}
      "each[0]": {attempts: [{exit: 75}, {duration: 10m}]}
      "each[1]": {duration: 2h}
  expect:
    status: failed
    failed: "each[1]"
    ran: [list, each]
    skipped: {ship: each, wide: ""}
    duration: {at-least: 2h, at-most: 3h}
- name: with more levels
  given: {params: {level: 2}}
  mocks: {jobs: {list: {outputs: {items: [1]}}, "wide[n=2]": {exit: 1}}}
  expect: {status: failed, failed: "wide[n=2]"}
"""
)


def played(tmp_path: Path, cases: str, *options: str) -> tuple[int, str, str]:
    (tmp_path / "p.yaml").write_text(PIPELINE)
    (tmp_path / "p.test.yaml").write_text(cases)
    return call("test", *options, cwd=tmp_path)


def test_the_cases_of_the_examples_pass(tmp_path):
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    code, out, _ = call("test", "--coverage", cwd=tmp_path / "examples")

    assert code == 0, out
    assert "11 cases, 0 failed" in out


def test_days_pass_in_a_moment_and_items_cells_and_attempts_have_their_own_mocks(tmp_path):
    code, out, _ = played(tmp_path, CASES, "--json")

    assert code == 0, out
    seen = {one["case"]: one["seen"] for one in json.loads(out)}
    assert seen["a soak of three days"]["seconds"] > 3 * 86400
    assert seen["a soak of three days"]["releases"] == {"played": "live"}
    assert seen["an item fails once, and another is too slow"]["jobs"]["each[0]"]["attempt"] == 2


def test_a_failing_case_shows_expected_actual_and_what_happened(tmp_path):
    wrong = HEAD + "- name: wrong\n  expect: {status: failed, ran: [list]}\n"
    code, out, _ = played(tmp_path, wrong, "--junit", "out.xml")

    assert code == 1
    assert "status: expected failed" in out
    assert "actually passed" in out
    assert "each                       skipped" in out
    failure = ElementTree.parse(tmp_path / "out.xml").find("testsuite/testcase/failure")
    assert failure is not None
    assert "expected failed" in (failure.text or "")


@pytest.mark.parametrize(
    ("cases", "place", "word"),
    [
        (HEAD + "- name: x\n  mocks: {jobs: {lst: {}}}\n  expect: {}\n", "p.test.yaml:5:18", "did you mean 'list'"),
        (HEAD + "- name: x\n  expect: {ran: [list, shp]}\n", "p.test.yaml:5:24", "did you mean 'ship'"),
        (HEAD + "- name: x\n  decisions: [{job: promotion, by: ann}]\n  expect: {}\n", "5:21", "unknown job"),
        (HEAD + "- name: x\n  expcet: {}\n", "5:3", "did you mean 'expect'"),
        (
            HEAD.replace("cases", "pipeline: q.yaml\ncases") + "- {name: x, expect: {}}\n",
            "3:11",
            "no such pipeline file",
        ),
        (HEAD + "- name: x\n  given: {params: {level: high}}\n  expect: {}\n", "SLW501", "level"),
    ],
)
def test_a_wrong_case_is_told_with_its_place_before_anything_is_played(tmp_path, cases, place, word):
    code, out, said = played(tmp_path, cases)

    assert (code, out) == (2, "")
    assert place in said
    assert word in said


def test_only_the_cases_that_are_asked_for_are_played(tmp_path):
    assert "1 case, 0 failed" in played(tmp_path, CASES, "-k", "levels")[1]


def test_a_folder_without_cases_says_how_to_write_one(tmp_path):
    code, _, said = call("test", cwd=tmp_path)

    assert (code, "docs/testing.md" in said) == (2, True)


def test_a_case_knows_nothing_of_the_one_before(tmp_path):
    strict = "  given: {environments: {soak: {quorum: 2}}}\n"
    expect = "  mocks: {jobs: {list: {outputs: {items: [1]}}}}\n  expect: {status: STATUS}\n"
    cases = f"- name: strict\n{strict}{expect.replace('STATUS', 'refused')}- name: plain\n{expect.replace('STATUS', 'passed')}"
    code, out, _ = played(tmp_path, HEAD + cases)

    assert code == 0, out


def test_a_dry_run_shows_what_would_run_with_everybody_agreeing(tmp_path):
    (tmp_path / "p.yaml").write_text(PIPELINE)
    code, out, _ = call("run", "--dry", "p.yaml", "-p", "level=2", cwd=tmp_path)
    assert code == 0, out
    assert "wide[n=1]" in out
    assert "each                       skipped" in out

    code, out, _ = call("run", "--dry", "--json", str(EXAMPLES / "web-shop" / ".sluiceway" / "web-shop.yaml"))
    assert code == 0
    assert json.loads(out)["jobs"]["release-approval"]["outputs"]["approvers"] == ["approver-1", "approver-2"]


@pytest.mark.system
def test_cases_in_python_are_plain_tests(tmp_path):
    (tmp_path / "p.yaml").write_text(PIPELINE)
    (tmp_path / "test_p.py").write_text(
        "pytest_plugins = ['workers.simulation.pytest_plugin']\n"
        "def test_it(rehearse):\n"
        "    seen = rehearse('p.yaml', mocks={'jobs': {'list': {'exit': 3}}})\n"
        "    assert (seen.status, seen.jobs['ship'].status) == ('failed', 'skipped')\n"
        "def test_again(rehearse):\n"
        "    assert rehearse('p.yaml', given={'params': {'level': 2}}).status == 'passed'\n"
    )
    code = "import sys, os, pytest; os._exit(pytest.main(['-q', '-p', 'no:cacheprovider']))"
    ended = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=170)

    assert ended.returncode == 0, ended.stdout


@pytest.mark.system
def test_watching_plays_again_when_a_file_changes(tmp_path):
    (tmp_path / "p.yaml").write_text(PIPELINE)
    (tmp_path / "p.test.yaml").write_text(HEAD + "- name: first\n  expect: {status: passed}\n")
    command = [program("sluiceway"), "test", "--watch"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as watching:
        try:
            assert watching.stdout is not None
            said = iter(watching.stdout.readline, "")
            assert any("1 case, 0 failed" in line for line in said)
            assert any("waiting for changes" in line for line in said)
            (tmp_path / "p.test.yaml").write_text(HEAD + "- name: second\n  expect: {status: failed}\n")
            assert any("1 case, 1 failed" in line for line in said)
        finally:
            watching.kill()
