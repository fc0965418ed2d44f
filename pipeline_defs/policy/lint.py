"""Problems of policies: patterns that cannot match, keys that say nothing, scopes that the pusher chooses."""

from __future__ import annotations

from collections.abc import Iterator

from domain.core import globs
from domain.jobs.egress import HostError, host_of
from pipeline_defs.core.diagnostics import Diagnostic, Path
from pipeline_defs.core.reader import Source
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.policy.model import Policy

CODE = "SLW059"


def lint(source: Source, document: Policy) -> Iterator[Diagnostic]:
    """Errors where a policy would say nothing; warnings where it holds less than it seems to."""
    reporter = DiagnosticReporter(source)
    for path, patterns in _patterns(document):
        for index, pattern in enumerate(patterns):
            if wrong := globs.malformed(pattern) or ("it is empty" if not pattern.removeprefix("!") else ""):
                yield reporter.report(CODE, wrong, (*path, index), token=pattern)
    for index, one in enumerate(document.jobs.hosts or []):
        try:
            host_of(one)
        except HostError as no_host:
            yield reporter.report(CODE, str(no_host), ("jobs", "hosts", index), token=one)
    if document.jobs.hosts is not None and document.jobs.network != "proxy":
        yield reporter.report(CODE, "hosts are for `network: proxy`", ("jobs", "hosts"))
    if document.jobs.network == "proxy" and document.jobs.hosts is None:
        yield reporter.report(CODE, "a proxy needs `hosts`; `[]`: it lets nothing through", ("jobs", "network"))
    scope = document.scope
    if scope.pipelines and not scope.repositories:
        yield reporter.warning(
            CODE,
            "whoever pushes chooses the name of a pipeline, and leaves this policy by another one",
            ("for", "pipelines"),
            hint="name `repositories`, too",
        )


def _patterns(document: Policy) -> Iterator[tuple[Path, list[str]]]:
    scope, allow, gate = document.scope, document.allow, document.gate
    for key in ("repositories", "pipelines", "branches"):
        yield ("for", key), getattr(scope, key)
    for key in ("repositories", "branches", "tags", "uses"):
        yield ("allow", key), getattr(allow, key) or []
    for index, one in enumerate(document.secrets or []):
        yield ("secrets", index, "names"), one.names
        yield ("secrets", index, "environments"), one.environments
    if gate:
        yield ("gate", "exclude"), gate.exclude
