"""Reads and checks pipeline tests: the shape first, then that every named job exists."""

from __future__ import annotations

from collections.abc import Iterator

from domain.simulation.expectations import Expected, covers
from pipeline_defs.core import reader
from pipeline_defs.core.diagnostics import Diagnostic, Path, sort, suggestion
from pipeline_defs.core.reader import Kinds, Source
from pipeline_defs.simulation.model import Case, Expect, PipelineTest

KINDS: Kinds = {"PipelineTest": PipelineTest}


def read_cases(data: bytes, file: str) -> tuple[PipelineTest | None, Source | None, list[Diagnostic]]:
    """The file's cases and its shape errors; None when nothing could be parsed."""
    parsed = reader.parse(data, file, KINDS)
    source, found = parsed.source, sort(parsed.diagnostics)
    if source is None:
        return None, None, found
    assert isinstance(source.document, PipelineTest)
    return source.document, source, found


def definition_of(tests: PipelineTest, file: str) -> str:
    """The path of the tested pipeline."""
    folder, slash, name = file.rpartition("/")
    return f"{folder}{slash}{tests.pipeline or name.replace('.test.', '.')}"


def lint_cases(tests: PipelineTest, source: Source, jobs: list[str], asked: list[str]) -> list[Diagnostic]:
    """Reports unknown job names. `jobs`: the plan's ids and groups; `asked` adds approval steps of releases."""
    return sort([one for index, case in enumerate(tests.cases) for one in _case(case, index, source, jobs, asked)])


def _case(case: Case, index: int, source: Source, jobs: list[str], asked: list[str]) -> Iterator[Diagnostic]:
    base: Path = ("cases", index)
    expect = case.expect
    named: list[tuple[Path, str, bool]] = [
        *((("mocks", "jobs", name), name, True) for name in case.mocks.jobs),
        *((("expect", "skipped", name), name, True) for name in expect.skipped or {}),
        *((("expect", "gates", name), name, True) for name in expect.gates),
        *((("expect", "outputs", name), name, True) for name in expect.outputs),
        *((("expect", "ran", at), name, False) for at, name in enumerate(expect.ran or ())),
        *((("expect", "failed", at), name, False) for at, name in enumerate(expect.failed or ())),
    ]
    for path, name, key in named:
        if not any(covers(known, name) for known in jobs):
            yield _unknown(source, (*base, *path), name, jobs, key)
    for at, decision in enumerate(case.decisions):
        if decision.job not in asked:
            yield _unknown(source, (*base, "decisions", at, "job"), decision.job, asked, False)


def _unknown(source: Source, path: Path, name: str, known: list[str], key: bool) -> Diagnostic:
    hint = suggestion(name, known)
    return source.diagnostic("SLW301", f"unknown job '{name}'", path, token=name, hint=hint, key=key)


def wanted(expect: Expect) -> Expected:
    """The assertions of a case; None and zero assert nothing."""

    def names(given: list[str] | None) -> tuple[str, ...] | None:
        return None if given is None else tuple(given)

    limits = expect.duration
    return Expected(
        status=expect.status,
        reason=expect.reason,
        ran=names(expect.ran),
        skipped=expect.skipped,
        failed=names(expect.failed),
        asked=names(expect.approvals),
        gates=expect.gates,
        releases=expect.releases,
        outputs=expect.outputs,
        notices=tuple(expect.notifications),
        at_least_s=limits.at_least if limits else 0,
        at_most_s=limits.at_most if limits else None,
    )
