"""What the suite's own plugins promise: what is left out is told, and on CI it counts."""

from collections import Counter

import pytest

from tests.support.machine_facts import FACTS
from tests.support.skips import ALLOWED, allowed, unexpected

pytest_plugins = ["pytester"]


def test_a_reason_that_is_not_on_the_list_is_unexpected() -> None:
    text = "# a comment\nonly in *  # why it may be\n"
    reasons = Counter({"only in the dark": 2, "trivy is not installed: x": 3})

    assert unexpected(reasons, allowed(text)) == {"trivy is not installed: x": 3}


@pytest.mark.parametrize(("is_root", "left"), [(True, {"only root does it": 1}), (False, {})])
def test_a_reason_counts_only_where_the_machine_lacks_what_the_line_names(is_root: bool, left: dict[str, int]) -> None:
    text = "only root *  unless root  # why it may be\n"

    assert unexpected(Counter({"only root does it": 1}), allowed(text, {"root": lambda: is_root})) == left


def test_a_machine_that_has_everything_leaves_nothing_out() -> None:
    left_out = allowed(ALLOWED.read_text(), dict.fromkeys(FACTS, lambda: True))

    assert left_out == []


def test_a_line_that_names_an_unknown_fact_is_refused() -> None:
    with pytest.raises(KeyError):
        allowed("no moon  unless night\n")


@pytest.mark.system
def test_on_ci_a_skip_fails_the_run_in_one_line_and_elsewhere_it_is_told(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest("pytest_plugins = ['tests.support.skips']")
    pytester.makepyfile(
        "import pytest\ndef test_a(): pass\n@pytest.mark.parametrize('n', range(3))\ndef test_b(n): pytest.skip('no moon')\n"
    )
    monkeypatch.setenv("CI", "")
    alone = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    monkeypatch.setenv("CI", "true")
    on_ci = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    assert (alone.ret, on_ci.ret) == (0, 1)
    alone.stdout.fnmatch_lines(["left out: 3 tests: no moon"])
    on_ci.stdout.fnmatch_lines(["FAILED: on CI nothing may be left out for this reason (3 tests): no moon"])


@pytest.mark.system
def test_without_a_daemon_one_line_says_so_and_tests_of_containers_are_skipped(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makeconftest("pytest_plugins = ['tests.support.skips', 'tests.support.containers']")
    pytester.makepyfile("import pytest\n@pytest.mark.docker\ndef test_a(daemon): pass\n")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    monkeypatch.setenv("CI", "")
    ended = pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider")

    ended.assert_outcomes(skipped=1)
    ended.stdout.fnmatch_lines(["no Docker daemon answers (unix:///nowhere.sock): *; tests of containers are skipped"])
