"""Runs files of test cases, and reports what no case covers."""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from domain.core import xml_text
from domain.core.errors import SluicewayError
from domain.pipelines.plan import Plan
from domain.simulation.expectations import Miss, Observed, Reached, misses, unreached
from pipeline_defs.core.checked import Checked
from pipeline_defs.core.diagnostics import Diagnostic, InvalidDefinitionError, errors
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import compile_plan
from pipeline_defs.simulation.cases import definition_of, lint_cases, read_cases, wanted
from pipeline_defs.simulation.model import Case, PipelineTest
from workers.core.files import Files
from workers.simulation.environment import SimulationEnvironment
from workers.simulation.stand_ins import event_of


@dataclass(frozen=True)
class CaseResult:
    """The result of one case: what happened, and which expectations failed."""

    file: str
    case: str
    seen: Observed = Observed("not played")
    misses: tuple[Miss, ...] = ()
    problem: str = ""
    """Why it could not run."""
    seconds: float = 0
    """Real seconds."""

    @property
    def fine(self) -> bool:
        """Whether it ran and all expectations held."""
        return not self.misses and not self.problem


@dataclass
class TestSuite:
    """One file of cases, read and checked."""

    file: str
    problems: list[Diagnostic] = field(default_factory=list)
    tests: PipelineTest | None = None
    definition: Checked | None = None
    plan: Plan | None = None

    @classmethod
    def read(cls, path: Path) -> TestSuite:
        """Reads a file of cases and compiles its pipeline; errors of both are in `problems`."""
        files, file = Files(), str(path)
        data = files(file)
        if data is None:
            return cls(file, [Diagnostic("SLW601", "the file cannot be read", file)])
        tests, source, problems = read_cases(data, file)
        if tests is None or source is None or errors(problems):
            return cls(file, problems)
        named = definition_of(tests, file)
        found = files(named)
        if found is None:
            return cls(file, [source.diagnostic("SLW601", f"no such pipeline file: '{named}'", ("pipeline",))])
        try:
            checked = check(found, named, files)
            plan = compile_plan(checked, event_of(tests.cases[0].given))
        except InvalidDefinitionError as invalid:
            return cls(file, invalid.diagnostics)
        except SluicewayError as wrong:
            return cls(file, [source.diagnostic(wrong.code, wrong.what, ("cases", 0, "given"))])
        jobs = list(dict.fromkeys(x for job in plan.jobs for x in (job.group, job.id)))
        problems = lint_cases(tests, source, jobs, _asked(plan))
        return cls(file, problems, tests, checked, plan)


def _asked(plan: Plan) -> list[str]:
    jobs = [job.id for job in plan.jobs if job.approval is not None]
    steps = [step.name for job in plan.jobs if job.deploy is not None for step in job.deploy.rollout.approvals]
    return list(dict.fromkeys([*jobs, *steps]))


async def run_cases(stage: SimulationEnvironment, book: TestSuite, chosen: Iterable[Case]) -> list[CaseResult]:
    """Runs the cases in order; the suite must be free of errors."""
    assert book.definition is not None
    return [await _one(stage, book.file, book.definition, case) for case in chosen]


async def _one(stage: SimulationEnvironment, file: str, definition: Checked, case: Case) -> CaseResult:
    began = time.monotonic()
    try:
        seen = await stage.play(definition, case)
    except SluicewayError as wrong:
        return CaseResult(file, case.name, problem=str(wrong), seconds=time.monotonic() - began)
    return CaseResult(file, case.name, seen, tuple(misses(wanted(case.expect), seen)), "", time.monotonic() - began)


def coverage(book: TestSuite, played: Iterable[CaseResult]) -> list[Reached]:
    """The parts of the plan that no case covers; the suite must be free of errors."""
    assert book.plan is not None
    return unreached(book.plan, [one.seen for one in played])


def junit(played: Iterable[CaseResult]) -> str:
    """JUnit XML, one suite per file."""
    suites = ET.Element("testsuites")
    by_file: dict[str, list[CaseResult]] = {}
    for one in played:
        by_file.setdefault(one.file, []).append(one)
    for file, cases in by_file.items():
        failed = sum(not one.fine for one in cases)
        name = xml_text.allowed(file, "?")
        suite = ET.SubElement(suites, "testsuite", name=name, tests=str(len(cases)), failures=str(failed))
        for one in cases:
            case = xml_text.allowed(one.case, "?")
            element = ET.SubElement(suite, "testcase", classname=name, name=case, time=f"{one.seconds:.3f}")
            if not one.fine:
                told = xml_text.allowed("\n".join(explain(one)), "?")
                ET.SubElement(element, "failure", message=case).text = told
    return ET.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def explain(one: CaseResult) -> Iterator[str]:
    """Expected, actual, and the order of events."""
    if one.problem:
        yield from one.problem.splitlines()
        return
    for miss in one.misses:
        yield f"{miss.what}: expected {miss.expected}"
        yield f"{' ' * len(miss.what)}  actually {miss.actual}"
    yield f"{one.seen.status} after {one.seen.seconds:.0f} s of virtual time: {one.seen.reason}"
    for id_, result in one.seen.jobs.items():
        yield f"  {id_:<26} {result.status:<12} {result.reason}"
