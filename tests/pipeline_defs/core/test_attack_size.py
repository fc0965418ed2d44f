"""Definitions that are big on purpose: each is refused by its limit before anything is done for each of its parts."""

import pytest

from domain.triggers.events import Event, EventKind
from pipeline_defs.core.diagnostics import MAX_TOLD, errors, suggestion
from pipeline_defs.core.reader import MAX_USED_BYTES
from pipeline_defs.core.yaml_nodes import MAX_ENTRIES, MAX_NODES
from pipeline_defs.documents import check
from workers.worker.definition_reader import MAX_PROBLEM, MAX_PROBLEMS, YamlReader

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: big\n"
MANY = f"a mapping or list of more than {MAX_ENTRIES:,} entries"


def found(text: str) -> list[tuple[str, str]]:
    return [
        (one.code, one.message) for one in errors(check((HEAD + text).encode(), "p.yaml", lambda _: None).diagnostics)
    ]


def many(count: int, entry: str, between: str = ", ") -> str:
    return between.join(entry.format(number) for number in range(count))


BIG = {
    "jobs": "jobs:\n" + many(20_000, "  j{}: {{run: x}}", "\n"),
    "variables": f"jobs:\n  a: {{run: x, env: {{{many(80_000, 'K{}: v')}}}}}\n",
    "steps": f"jobs:\n  a: {{run: [{many(200_000, 'x')}]}}\n",
    "needs": f"jobs:\n  b: {{run: x}}\n  a: {{run: x, needs: [{many(200_000, 'b')}]}}\n",
    "unknown keys": f"{many(80_000, 'K{}: v', chr(10))}\njobs:\n  a: {{run: x}}\n",
}


@pytest.mark.parametrize("text", BIG.values(), ids=BIG)
def test_a_list_or_mapping_of_too_many_entries_is_refused(text: str) -> None:
    assert ("SLW110", MANY) in found(text)


def test_many_lists_of_many_entries_are_refused_too() -> None:
    jobs = "\n".join(f"  a{job}: {{run: x, env: {{{many(9_000, 'K{}: v')}}}}}" for job in range(6))
    assert found(f"jobs:\n{jobs}\n") == [("SLW110", f"more than {MAX_NODES:,} keys and values")]


def test_as_many_as_are_allowed_pass() -> None:
    """The control: what people write, however big, is under the limits."""
    needs = many(4_999, "  j{}: {{run: x}}", "\n")
    assert found(f"jobs:\n{needs}\n  last: {{run: x, needs: [{many(4_999, 'j{}')}]}}\n") == []
    assert found(f"jobs:\n  a: {{run: x, env: {{{many(MAX_ENTRIES, 'K{}: v')}}}}}\n") == []


def test_what_is_after_the_first_thousand_problems_is_not_told_and_not_valid() -> None:
    unknown = found(f"jobs:\n  a: {{run: x, {many(5_000, 'K{}: v')}}}\n")
    assert (len(unknown), unknown[0][0]) == (MAX_TOLD + 1, "SLW111")
    repeated = found(f"jobs:\n  a: {{run: x, env: {{{many(5_000, 'K: v')}}}}}\n")
    assert (len(repeated), "SLW111" in dict(repeated)) == (MAX_TOLD + 1, True)
    missing = found(
        f"jobs:\n{many(4_000, '  j{}: {{run: x}}', chr(10))}\n  a: {{run: x, needs: [{many(9_000, 'k{}')}]}}\n"
    )
    assert (len(missing), missing[0][0]) == (MAX_TOLD + 1, "SLW111")


def test_a_hint_does_not_list_thousands_of_names() -> None:
    assert len(suggestion("nothing-like-it", [f"zzz{number}" for number in range(5_000)])) < 300


def test_used_files_have_one_limit_for_all_of_them() -> None:
    component = "apiVersion: sluiceway/v1\nkind: Component\nname: c\njobs: {a: {run: x}}\n".ljust(400_000, "#").encode()
    uses = many(6, "  j{0}: {{uses: ./c{0}.yaml}}", "\n")
    told = errors(check(f"{HEAD}jobs:\n{uses}\n".encode(), "p.yaml", lambda _: component).diagnostics)
    assert [(one.code, one.file) for one in told] == [("SLW103", "c5.yaml")]
    assert f"at most {MAX_USED_BYTES:,} are allowed" in told[0].message


def test_a_run_keeps_no_more_of_the_problems_than_a_message_holds() -> None:
    text = f"{HEAD}jobs:\n  a: {{run: x, {many(3_000, '? K{}' + 'k' * 300 + ' : v')}}}\n"
    event = Event(EventKind.PUSH, "/repo", "0" * 40, branch="main")
    problems = YamlReader().read(text.encode(), "p.yaml", event, lambda _: None).problems
    assert len(problems) == MAX_PROBLEMS + 1
    assert max(map(len, problems)) <= MAX_PROBLEM + 1


SMALL = {
    "pattern": (f"params:\n  x: {{pattern: '(a+)+b', default: '{'a' * 40}'}}\njobs:\n  a: {{run: x}}", "SLW501"),
    "brackets": (f"jobs:\n  a: {{run: x, env: {{X: '{'${{' * 20_000}'}}}}", "SLW401"),
    "number": ("jobs:\n  a: {run: x, timeouts: {run: 1e300}}", "SLW203"),
    "glob": (f"on: {{push: {{branches: ['{'**a' * 12}z']}}}}\njobs:\n  a: {{run: x}}", ""),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("text", "code"), SMALL.values(), ids=SMALL)
def test_a_few_bytes_hold_no_worker(text: str, code: str) -> None:
    """Each of these stopped the engine for all; a condition of nested macros is in test_expression_bounds.py."""
    event = Event(EventKind.PUSH, "/repo", "0" * 40, branch="a" * 200)
    read = YamlReader().read(f"{HEAD}{text}\n".encode(), "p.yaml", event, lambda _: None)

    assert code in " ".join(read.problems)
    assert bool(read.problems) is bool(code)
