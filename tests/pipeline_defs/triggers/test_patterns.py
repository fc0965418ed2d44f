"""Patterns that let nothing in are warned of wherever a definition has patterns."""

import pytest

from domain.core import globs
from domain.triggers.events import Event, EventKind, Listener, match
from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.documents import check

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\n"


def warnings(text: str) -> list[Diagnostic]:
    found = list(check((HEAD + text).encode(), "p.yaml", lambda _: None).diagnostics)
    assert [one for one in found if one.severity == "error"] == []
    return found


@pytest.mark.parametrize("pattern", ["./src/**", "/src", "src/", "a//b", "../x", "!./src"])
@pytest.mark.parametrize(
    "text",
    [
        "on: {{push: {{paths: ['{}']}}}}\njobs: {{a: {{run: echo}}}}",
        "on: {{pull-request: {{paths: '{}'}}}}\njobs: {{a: {{run: echo}}}}",
        "jobs: {{a: {{when: \"changed('{}')\", run: echo}}}}",
        "jobs: {{a: {{env: {{A: \"${{{{ !changed('{}') }}}}\"}}, run: echo}}}}",
        "jobs: {{a: {{run: echo, cache: {{key: k, files: '{}', paths: x}}}}}}",
        "jobs: {{a: {{scan: {{exclude: ['{}']}}}}}}",
    ],
)
def test_a_path_pattern_that_can_never_match_is_a_warning(text: str, pattern: str) -> None:
    assert [one.code for one in warnings(text.format(pattern))] == ["SLW207"]


@pytest.mark.parametrize("key", ["test: {steps: [echo], junit", "test: {steps: [echo], coverage", "scan: {sarif"])
def test_a_report_may_be_named_from_the_workspace_and_is_a_file_in_it(key: str) -> None:
    assert warnings(f"jobs: {{a: {{{key}: [./out/*.xml, '!./out/x.xml', .//r.xml]}}}}}}") == []
    for pattern in ("/src", "src/", "../x", "./../x"):
        assert [one.code for one in warnings(f"jobs: {{a: {{{key}: ['{pattern}']}}}}}}")] == ["SLW207"]


@pytest.mark.parametrize("key", ["branches", "tags"])
@pytest.mark.parametrize(
    "pattern", ["refs/heads/main", "refs/tags/v1", "/main", "main/", "a..b", "a b", "x.lock", "a~1"]
)
def test_a_ref_pattern_that_can_never_match_is_a_warning(key: str, pattern: str) -> None:
    (told,) = warnings(f"on: {{push: {{{key}: ['{pattern}']}}}}\njobs: {{a: {{run: echo}}}}")

    assert told.code == "SLW207"


@pytest.mark.parametrize(
    "text",
    [
        "on: {push: {branches: ['!main', 'release/*', 'v[0-9]*', '{a,b}'], paths: ['!docs/**', '[st]rc/**', '*.{js,ts}']}}\n"
        "jobs: {a: {run: echo}}",
        "jobs: {a: {when: \"changed('src') || changed('**.ts')\", run: echo}}",
        "jobs: {a: {run: echo, artifacts: {out: {dist: [./dist, build/, '!dist/*.map']}}}}",
        "jobs: {a: {run: echo, cache: {key: k, paths: [~/.cache/pip, ./vendor, node_modules/]}}}",
    ],
)
def test_patterns_that_can_match_are_left_alone(text: str) -> None:
    assert warnings(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "on: {push: {branches: ['[z-a]']}}\njobs: {a: {run: echo}}",
        "on: {push: {paths: ['[z-a]']}}\njobs: {a: {run: echo}}",
        "jobs: {a: {when: \"changed('[z-a]')\", run: echo}}",
        "jobs: {a: {when: \"glob(event.branch, '[z-a]')\", run: echo}}",
        "jobs: {a: {run: echo, artifacts: {out: {dist: '[z-a]'}}}}",
    ],
)
def test_a_pattern_that_cannot_be_read_is_an_error_before_a_run_meets_it(text: str) -> None:
    found = check((HEAD + text).encode(), "p.yaml", lambda _: None).diagnostics

    assert [one.severity for one in found] == ["error"]


def test_patterns_that_only_take_back_mean_all_but_those() -> None:
    listener = {EventKind.PUSH: Listener(EventKind.PUSH, ("!main", "!release/*"), (), ("!docs/**",))}

    def starts(branch: str, *files: str) -> bool:
        return match(Event(EventKind.PUSH, branch=branch, changed_files=files), listener).starts

    assert starts("feature", "src/a.py")
    assert not starts("main", "src/a.py")
    assert not starts("feature", "docs/a.md")


def test_the_complaint_says_what_to_write() -> None:
    assert "write src/**" in globs.complaint("./src/**")
    assert "write main" in globs.ref_complaint("refs/heads/main")
