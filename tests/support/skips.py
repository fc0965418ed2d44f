"""A pytest plugin: what a run left out, and why. On CI a reason that tests/skips.txt does not name is a failure.

On a person's machine a missing tool is a skip with its reason. On CI the same would be a suite that passes by leaving out.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest
from docker.errors import DockerException

from activities.docker.daemon import client_of
from tests.support.machine_facts import FACTS

ALLOWED = Path(__file__).parents[1] / "skips.txt"


@cache
def missing_daemon() -> str:
    """Why no Docker daemon can be used; "": one answers."""
    try:
        with client_of(timeout_s=60) as client:
            client.ping()
    except (DockerException, OSError) as missing:
        return f"no Docker daemon answers ({os.environ.get('DOCKER_HOST') or 'the local socket'}): {missing}"
    return ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("docker") and (why := missing_daemon()):
        pytest.skip(why)


def allowed(text: str, facts: Mapping[str, Callable[[], bool]] = FACTS) -> list[str]:
    """Patterns of reasons that count on a machine of these facts, one a line; what follows two spaces and a # says why.

    `REASON  unless FACT` allows the reason only where the fact does not hold: as root, nothing needs root.

    Raises:
        KeyError: a line names a fact that nobody knows.
    """
    lines = [line.partition("  #")[0].strip() for line in text.splitlines()]
    conditions = [line.partition("  unless ") for line in lines if line and not line.startswith("#")]
    return [reason.strip() for reason, _, fact in conditions if not fact or not facts[fact.strip()]()]


def unexpected(reasons: Counter[str], patterns: list[str]) -> Counter[str]:
    return Counter({why: n for why, n in reasons.items() if not any(fnmatchcase(why, one) for one in patterns)})


class Told:
    """Counts the skips of all processes; lives where the results come together."""

    def __init__(self, on_ci: bool) -> None:
        self.reasons: Counter[str] = Counter()
        self._on_ci = on_ci

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        if reporter and (why := missing_daemon()):
            reporter.write_line(f"{why}; tests of containers are skipped")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and isinstance(report.longrepr, tuple):
            self.reasons[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._wrong() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for why, count in sorted(self.reasons.items()):
            terminalreporter.write_line(f"left out: {_tests(count)}: {why}")
        for why, count in sorted(self._wrong().items()):
            terminalreporter.write_line(
                f"FAILED: on CI nothing may be left out for this reason ({_tests(count)}): {why}"
            )

    def _wrong(self) -> Counter[str]:
        return unexpected(self.reasons, allowed(ALLOWED.read_text())) if self._on_ci else Counter()


def _tests(count: int) -> str:
    return f"{count} test{'s' * (count != 1)}"


def pytest_configure(config: pytest.Config) -> None:
    with contextlib.suppress(ValueError):  # pytester's inner runs have one already
        if not hasattr(config, "workerinput"):
            config.pluginmanager.register(Told(os.environ.get("CI") == "true"), "told-skips")
