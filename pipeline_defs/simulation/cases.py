"""Files of pipeline tests, read and checked: shape first, then that every job that is named exists."""

from __future__ import annotations

from collections.abc import Iterator

from domain.core.values import closest
from domain.simulation.expectations import Wanted, covers
from pipeline_defs.core import reader
from pipeline_defs.core.diagnostics import Problem, sort
from pipeline_defs.core.reader import Source
from pipeline_defs.simulation.model import Case, Expect, PipelineTest


def read_cases(data: bytes, file: str) -> tuple[PipelineTest | None, Source | None, list[Problem]]:
    source, problems = reader.parse(data, file)
    if source is None:
        return None, None, sort(problems)
    if not isinstance(source.document, PipelineTest):
        return None, source, sort([*problems, source.problem("SLW206", "this is no PipelineTest", ("kind",))])
    return source.document, source, sort(problems)


def definition_of(tests: PipelineTest, file: str) -> str:
    """The path of the pipeline that a file of tests is about."""
    folder, slash, name = file.rpartition("/")
    return f"{folder}{slash}{tests.pipeline or name.replace('.test.', '.')}"


def lint_cases(tests: PipelineTest, source: Source, jobs: list[str], asked: list[str]) -> list[Problem]:
    """Names that no job has. `jobs` are the plan's ids and groups; `asked` adds the steps of releases."""
    return sort(
        [problem for index, case in enumerate(tests.cases) for problem in _case(case, index, source, jobs, asked)]
    )


def _case(case: Case, index: int, source: Source, jobs: list[str], asked: list[str]) -> Iterator[Problem]:
    base: reader.Path = ("cases", index)
    expect = case.expect
    named: list[tuple[reader.Path, str, bool]] = [
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


def _unknown(source: Source, path: reader.Path, name: str, known: list[str], key: bool) -> Problem:
    meant = closest(name, known)
    hint = f"did you mean '{meant}'?" if meant else f"there are {', '.join(known) or 'none'}"
    return source.problem("SLW301", f"unknown job '{name}'", path, token=name, hint=hint, key=key)


def wanted(expect: Expect) -> Wanted:
    def names(given: list[str] | None) -> tuple[str, ...] | None:
        return None if given is None else tuple(given)

    limits = expect.duration
    return Wanted(
        expect.status,
        expect.reason,
        names(expect.ran),
        expect.skipped,
        names(expect.failed),
        names(expect.approvals),
        expect.gates,
        expect.releases,
        expect.outputs,
        tuple(expect.notifications),
        limits.at_least if limits else 0,
        limits.at_most if limits else None,
    )
