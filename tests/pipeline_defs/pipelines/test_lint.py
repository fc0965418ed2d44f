"""Every kind of bad definition gets a problem with its place, its code and, where it can, what was meant."""

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.error_codes import BY_CODE, DEFINITION
from domain.triggers.events import Event, EventKind
from pipeline_defs.core import diagnostics as problems
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import compile_plan

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\n"
OK = "  ok:\n    run: 'true'\n"


def found(text, files=None):
    data = text if isinstance(text, bytes) else text.encode()
    return list(check(data, "p.yaml", (files or {}).get).diagnostics)


def jobs(text):
    return HEAD + "jobs:\n" + text


# text, then line:column and code of every problem, then a word that the first one's text or hint holds
BAD = {
    "empty": (b"", ["1:1 SLW108"], "empty"),
    "only a comment": (b"# nothing\n", ["1:1 SLW108"], "empty"),
    "two documents": (jobs(OK) + "---\na: 1\n", ["7:1 SLW108"], "second"),
    "not UTF-8": (b"a: \xff\n", ["1:1 SLW102"], "0xff"),
    "too big": (b"a: " + b"x" * 1_000_001, ["1:1 SLW103"], "1,000,000"),
    "too deep": ("a: " + "[" * 60 + "]" * 60, ["1:53 SLW104"], "50"),
    "a tab": ("a:\n\tb: 1\n", ["2:1 SLW107"], "tab"),
    "unclosed": ('a: "x\n', ["2:1 SLW101"], ""),
    "NUL in a script": (jobs('  a:\n    run: "a\\\\0\n\n      b\\x00"\n'), ["8:8 SLW109"], "NUL"),
    "NUL in a variable": (jobs('  a:\n    run: x\n    env: {A: "x\\0y"}\n'), ["7:16 SLW109"], "NUL"),
    "NUL in a name": (jobs('  a:\n    run: x\n    env: {"A\\u0000": y}\n'), ["7:11 SLW205", "7:13 SLW109"], "not a valid name"),
    "a merge key": (jobs("  a: &a\n    run: x\n  b:\n    <<: *a\n    run: y\n"), ["8:5 SLW201"], "extends"),
    "a list": ("- a\n", ["1:1 SLW203"], "mapping"),
    "a scalar": ("hello\n", ["1:1 SLW203"], "mapping"),
    "a merge bomb": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{b}: &{b} [{','.join(['*' + a] * 10)}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)),
        ["5:29 SLW106"], "100,000"),
    "an alias to nothing": ("a: *b\n", ["1:4 SLW106"], "*b"),
    "a word for triggers": (HEAD + "on: push\njobs:\n" + OK, ["4:5 SLW203"], "on: {push: {branches: [main]}}"),
    "a list of triggers": (HEAD + "on: [pull-request]\njobs:\n" + OK, ["4:5 SLW203"], "on: {pull-request: {branches: [main]}}"),
    "a word for a filter": (HEAD + "on: {push: main}\njobs:\n" + OK, ["4:12 SLW203"], "push: {branches: [main]}"),
    "a word for schedules": (HEAD + "on: {schedule: daily}\njobs:\n" + OK, ["4:16 SLW203"], "schedule: [{cron: '0 3 * * *'}]"),
    "a command for a job": (jobs("  a: ls\n"), ["5:6 SLW203"], "a: {run: make test}"),
    "a word for time limits": (jobs("  a:\n    run: x\n    timeouts: 5m\n"), ["7:15 SLW203"], "timeouts: {run: 30m}"),
    "a word for variables": (jobs("  a:\n    run: x\n    env: y\n"), ["7:10 SLW203"], "env: {NAME: …}"),
    "a key twice": (jobs(OK + OK), ["7:3 SLW105"], "line 5"),
    "no kind": ("apiVersion: sluiceway/v1\n", ["1:1 SLW206"], "kind"),
    "a wrong kind": ("kind: Pipelin\n", ["1:7 SLW206"], "did you mean 'Pipeline'"),
    "a wrong version": (jobs(OK).replace("v1", "v9"), ["1:13 SLW206"], "sluiceway/v1"),
    "an unknown key": (HEAD + "jbos: {}\njobs:\n" + OK, ["4:1 SLW201"], "did you mean 'jobs'"),
    "an unknown key in a job": (jobs("  a:\n    run: x\n    neds: []\n"), ["7:5 SLW201"], "did you mean 'needs'"),
    "jobs are missing": (HEAD, ["1:1 SLW202"], "jobs"),
    "a wrong name": (jobs(OK).replace("name: web", "name: Web Shop"), ["3:7 SLW205"], "name"),
    "a wrong name of a job": (jobs("  A_b:\n    run: x\n"), ["5:3 SLW205"], "lower case"),
    "a job without a kind": (jobs("  a:\n    stage: x\n"), ["5:3 SLW204"], "no kind"),
    "a job of two kinds": (jobs("  a:\n    run: x\n    gate: {}\n"), ["5:3 SLW204", "7:5 SLW305"], "run and gate"),
    "an unknown need": (jobs("  build:\n    run: x\n  a:\n    needs: biuld\n    run: x\n"), ["8:12 SLW301"], "did you mean 'build'"),
    "a circle": (
        jobs("  a:\n    needs: [b]\n    run: x\n  b:\n    needs: [a]\n    run: x\n"), ["6:13 SLW302"], "b needs a (line 9)"),
    "a job that needs itself": (jobs("  a:\n    needs: a\n    run: x\n"), ["6:12 SLW302"], "a -> a"),
    "a wrong duration": (jobs("  a:\n    run: x\n    timeouts: {run: 5x}\n"), ["7:21 SLW203"], "90s"),
    "an expression in a script": (jobs("  a:\n    run: echo ${{ event.branch }}\n"), ["6:10 SLW405"], "env"),
    "an empty script": (jobs("  a:\n    run: ''\n"), ["6:10 SLW203"], "empty"),
    "an unknown name": (jobs("  a:\n    run: x\n    when: event.brnch == 'x'\n"), ["7:17 SLW402"], "did you mean 'branch'"),
    "an unknown parameter": (jobs("  a:\n    run: x\n    when: params.x == 1\n"), ["7:18 SLW402"], "unknown name 'x'"),
    "an unknown output": (
        jobs("  a:\n    run: x\n    outputs: {version: string}\n  b:\n    needs: a\n    run: x\n"
             "    env: {V: '${{ needs.a.outputs.versoin }}'}\n"), ["11:34 SLW402"], "did you mean 'version'"),
    "an unknown function": (jobs("  a:\n    run: x\n    when: chnged('a')\n"), ["7:11 SLW403"], "did you mean 'changed'"),
    "a condition that is no condition": (jobs("  a:\n    run: x\n    when: event.branch\n"), ["7:11 SLW404"], "expected bool"),
    "apples and pears": (jobs("  a:\n    run: x\n    when: run.number == 'x'\n"), ["7:11 SLW404"], "never true"),
    "an expression that cannot be parsed": (jobs("  a:\n    run: x\n    when: event.branch ==\n"), ["7:24 SLW401"], "parsed"),
    "a need that is not named": (
        jobs("  a:\n    run: x\n  b:\n    run: x\n    when: needs.a.result == 'passed'\n"), ["9:17 SLW402"], "unknown name 'a'"),
    "an item without a list": (jobs("  a:\n    run: x\n    when: item == 1\n"), ["7:11 SLW402"], "item"),
    "a for-each over a text": (jobs("  a:\n    run: x\n    for-each: event.branch\n"), ["7:15 SLW404"], "expected list"),
    "a secret that is a value": (HEAD + "secrets: {TOKEN: Hunter2}\njobs:\n" + OK, ["4:18 SLW307"], "sluiceway secret set token"),
    "a secret that is a file of the worker": (
        HEAD + "secrets: {TOKEN: 'file:/root/keys/deploy.pem'}\njobs:\n" + OK, ["4:18 SLW040"], "sluiceway secret set deploy"),
    "a secret that is a variable of the worker": (
        HEAD + "secrets: {TOKEN: 'env:DEPLOY_TOKEN'}\njobs:\n" + OK, ["4:18 SLW040"], "sluiceway secret set deploy-token"),
    "an unknown secret": (
        HEAD + "secrets: {TOKEN: t}\njobs:\n  a:\n    run: x\n    secrets: [TOKN]\n", ["8:15 SLW307"], "did you mean 'TOKEN'"),
    "an unknown artifact": (
        jobs("  a:\n    run: x\n    artifacts: {out: {app: x}}\n  b:\n    needs: a\n    run: x\n    artifacts: {in: a.ap}\n"),
        ["11:21 SLW304"], "did you mean 'app'"),
    "an artifact of a job that is not needed": (
        jobs("  a:\n    run: x\n    artifacts: {out: {app: x}}\n  b:\n    run: x\n    artifacts: {in: a.app}\n"),
        ["10:21 SLW306"], "needs"),
    "a gate without a scan": (jobs("  g:\n    gate: {}\n"), ["6:5 SLW305"], "without evidence"),
    "a gate over a job that is no scan": (
        jobs("  a:\n    run: x\n  s:\n    scan: {}\n  g:\n    needs: [a, s]\n    gate: {scans: [a]}\n"), ["11:20 SLW305"], "not a scan job"),
    "a deployment to nowhere": (jobs("  d:\n    deploy: {service: s, command: [x]}\n"), ["5:3 SLW202"], "environment"),
    "an unknown strategy": (
        jobs("  d:\n    environment: e\n    deploy: {service: s, command: [x], strategy: recreat}\n"), ["7:50 SLW701"],
        "did you mean 'recreate'"),
    "an unknown tool": (jobs("  s:\n    scan: {tools: [bandits]}\n"), ["6:20 SLW206"], "did you mean 'bandit'"),
    "an empty matrix": (jobs("  a:\n    run: x\n    matrix: {axes: {}}\n"), ["7:5 SLW308"], "no cell"),
    "an exclude of no axis": (
        jobs("  a:\n    run: x\n    matrix: {axes: {x: [1]}, exclude: [{y: 1}]}\n"), ["7:41 SLW308"], "not an axis"),
    "too many cells": (
        jobs("  a:\n    run: x\n    matrix: {axes: {x: [" + ",".join(map(str, range(50))) + "], y: ["
             + ",".join(map(str, range(50))) + "]}}\n"), ["7:5 SLW303"], "2,500"),
    "matrix and for-each": (
        jobs("  a:\n    run: x\n    for-each: event.changed_files\n    matrix: {axes: {x: [1]}}\n"), ["7:5 SLW308"], "exclude"),
    "more approvals than people": (
        jobs("  a:\n    approval: {users: [x], quorum: 2}\n"), ["6:36 SLW203"], "only 1 user"),
    "a reminder after the end": (
        jobs("  a:\n    approval: {expires: 1h, reminders: [2h]}\n"), ["6:40 SLW203"], "expired"),
    "a default that does not fit": (
        HEAD + "params: {n: {type: integer, default: x}}\njobs:\n" + OK, ["4:38 SLW501"], "not an integer"),
    "a choice without choices": (HEAD + "params: {n: {type: choice}}\njobs:\n" + OK, ["4:10 SLW202"], "choices"),
    "a pattern that is none": (HEAD + "params: {n: {pattern: '('}}\njobs:\n" + OK, ["4:23 SLW203"], "regular expression"),
    "a checkout of a gate": (
        jobs("  s:\n    scan: {}\n  a:\n    needs: s\n    gate: {}\n    checkout: {lfs: true}\n"), ["10:5 SLW702"], "scan jobs"),
    "a checkout of an unknown depth": (jobs("  a:\n    run: x\n    checkout: {submodules: deep}\n"), ["7:28 SLW203", "7:28 SLW206"], ""),
    "a wrong cron": (HEAD + "on: {schedule: [{cron: '99 * * * *'}]}\njobs:\n" + OK, ["4:24 SLW203"], "0 to 59"),
    "a cron of four fields": (HEAD + "on: {schedule: [{cron: '* * * *'}]}\njobs:\n" + OK, ["4:24 SLW203"], "five"),
    "an unknown time zone": (
        HEAD + "on: {schedule: [{cron: '0 3 * * *', time-zone: Europe/Zurch}]}\njobs:\n" + OK, ["4:48 SLW206"], "Europe/Zurich"),
    "a variable of the engine's": (
        jobs("  a:\n    run: x\n    env: {SLUICEWAY_X: y}\n"), ["7:11 SLW205"], "engine"),
    "a variable with a dash": (jobs("  a:\n    run: x\n    env: {A-B: y}\n"), ["7:11 SLW205"], "variable"),
    "a used file that is not there": (jobs("  a:\n    uses: ./x.yaml\n"), ["6:11 SLW601"], "does not exist"),
    "a used file outside": (jobs("  a:\n    uses: ../../x.yaml\n"), ["6:11 SLW601"], "out of the repository"),
    "nothing where a condition is wanted": (jobs("  a:\n    run: x\n    when:\n"), ["7:10 SLW203", "7:10 SLW203"], "valid"),
    "a build of nothing": (jobs("  a:\n    build: {}\n"), ["6:5 SLW202"], "steps"),
    "a key that is a list": (jobs(OK) + "? [a]\n: b\n", ["7:3 SLW203"], "key"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_definition_is_told_with_its_place(name):
    text, expected, word = BAD[name]
    told = found(text)

    assert [f"{p.line}:{p.column} {p.code}" for p in told] == expected
    assert word in f"{told[0].message} {told[0].hint}"


@pytest.mark.parametrize("key", [f'"{name}"' for name in ("on", "jobs", "params", "env")])
def test_a_word_where_keys_are_expected_is_never_told_in_the_words_of_the_parser(key) -> None:
    told = [f"{one.message} {one.hint}" for one in found(f"{HEAD}{key}: word\n")]

    assert any("expected a mapping" in one and "write `" in one for one in told)
    assert not any("instance of" in one or "valid dictionary" in one for one in told)


def test_every_code_that_is_told_is_in_the_table() -> None:
    assert {code.split()[1] for _, codes, _ in BAD.values() for code in codes} <= set(BY_CODE)


def test_all_problems_come_in_one_pass() -> None:
    told = found(
        jobs("  a:\n    neds: x\n    run: echo ${{ x }}\n    when: nope\n  b:\n    needs: c\n    timeouts: {run: x}\n")
    )

    assert {p.code for p in told} == {"SLW201", "SLW405", "SLW402", "SLW204", "SLW301", "SLW203"}


def test_a_rounded_number_in_a_matrix_is_a_warning() -> None:
    told = found(jobs("  a:\n    run: x\n    matrix: {axes: {py: [3.10]}}\n"))

    assert [(p.severity, p.line, p.token) for p in told] == [("warning", 7, "3.10")]


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("axes: {v: [a]}, exclude: [{v: b}]", "no cell is v=b: this excludes nothing"),
        ("axes: {v: [1]}, exclude: [{v: '1'}]", "no cell is v=1: this excludes nothing"),
        ("axes: {v: [a, a]}", "'v' has this value twice; it counts once"),
        ("axes: {v: [a]}, include: [{v: a}]", "there is a cell v=a already: this adds nothing"),
        ("axes: {v: [a]}, include: [{w: a}]", "this cell has a value of no axis"),
        ("axes: {v: [a]}, include: [{v: a, w: b}]", "this is a cell beside those that are v=a,w=b"),
        ("axes: {v: ['1', 010]}", "as a number this would be 10; it is taken as the text '010'"),
    ],
)
def test_what_an_entry_of_a_matrix_does_not_do_is_a_warning(block, words):
    told = found(jobs(f"  a:\n    run: x\n    matrix: {{{block}}}\n"))

    assert [(one.severity, one.message) for one in told] == [("warning", words)]


def test_an_axis_that_a_cell_lacks_is_a_warning_unless_the_expression_asks_for_it() -> None:
    text = "  a:\n    run: x\n    matrix: {axes: {os: [linux, mac]}, include: [{os: bsd, new: true}]}\n    env: {X: '${{ %s }}'}\n"

    assert [(one.severity, one.message) for one in found(jobs(text % "matrix.new"))] == [
        ("warning", "2 of 3 cells have no matrix.new, and their jobs would fail")
    ]
    assert found(jobs(text % "has(matrix.new) ? matrix.new : false")) == []


def test_the_keys_on_and_off_are_texts_in_yaml_1_2() -> None:
    assert found(HEAD + "on: {push: {branches: [on, 'no']}}\njobs:\n" + OK) == []


@pytest.mark.parametrize(
    ("values", "when"), [("[true, false]", "matrix.x"), ("[1, 2]", "matrix.x > 1"), ("[a, 1]", "matrix.x == 1")]
)
def test_the_values_of_an_axis_have_their_types(values, when):
    assert found(jobs(f"  a:\n    run: x\n    matrix: {{axes: {{x: {values}}}}}\n    when: {when}\n")) == []


def test_a_components_inputs_are_checked() -> None:
    component = b"apiVersion: sluiceway/v1\nkind: Component\nname: c\ninputs: {n: {type: integer, required: true}}\njobs:\n  x:\n    run: x\n"
    told = found(jobs("  a:\n    uses: c.yaml\n    with: {m: 1}\n"), {"c.yaml": component})

    assert [p.code for p in told] == ["SLW602", "SLW602"]


def test_uses_in_a_circle_is_told() -> None:
    component = b"apiVersion: sluiceway/v1\nkind: Component\nname: c\njobs:\n  x:\n    uses: c.yaml\n"

    assert [p.code for p in found(jobs("  a:\n    uses: c.yaml\n"), {"c.yaml": component})] == ["SLW603"]


@given(st.binary(max_size=300) | st.text(alphabet=string.printable, max_size=300).map(str.encode))
def test_no_bytes_make_a_traceback(data):
    assert all(p.code in DEFINITION for p in found(data))


yaml_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda v: (
        st.lists(v, max_size=3)
        | st.dictionaries(st.sampled_from(["run", "needs", "when", "matrix", "axes", "x"]), v, max_size=3)
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(["jobs", "params", "on", "env", "secrets", "defaults"]), yaml_values, max_size=4)
)
def test_no_shape_makes_a_traceback(values):
    document = {"apiVersion": "sluiceway/v1", "kind": "Pipeline", "name": "x", **values}

    assert all(p.line >= 1 and p.column >= 1 for p in found(json.dumps(document)))


def test_sarif_of_problems_has_the_places() -> None:
    report = json.loads(problems.as_sarif(found(BAD["a circle"][0]), "1"))

    region = report["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 6, "startColumn": 13}


def test_the_schema_accepts_what_the_linter_accepts() -> None:
    import jsonschema  # it loads a grammar for a second

    from pipeline_defs import schema

    validator = jsonschema.Draft202012Validator(schema.document("Pipeline"))
    good = {
        "apiVersion": "sluiceway/v1",
        "kind": "Pipeline",
        "name": "x",
        "jobs": {"a": {"run": "true", "timeouts": {"run": "5m"}}},
    }

    assert list(validator.iter_errors(good)) == []
    assert list(validator.iter_errors({**good, "jbos": 1}))


def big(count):
    return jobs("".join(f"  j{i}:\n    needs: [{f'j{i - 1}' if i else ''}]\n    run: x\n" for i in range(count)))


def test_five_thousand_jobs_are_fine_and_one_more_is_an_error() -> None:
    assert found(big(5_000)) == []
    told = found(big(5_001))
    assert [p.code for p in told] == ["SLW303"]
    assert "5,001" in told[0].message


CONTAINERS = {
    "a container of a scan": ("    container: x\n    scan: {}\n", "SLW702"),
    "a container without a container": ("    executor: docker\n    run: x\n", "SLW202"),
    "a pod without a cluster": ("    executor: kubernetes\n    container: x\n    run: x\n", "SLW202"),
    "a range that is none": (
        "    container: {image: x, cluster: edge, allow: [10.0.0.0/99]}\n    run: x\n",
        "SLW203",
    ),
    "a namespace without a cluster": ("    container: {image: x, namespace: team}\n    run: x\n", "SLW702"),
    "a process in a container": ("    executor: process\n    container: x\n    run: x\n", "SLW702"),
    "a push to nowhere": ("    build: {image: {push: true}}\n", "SLW202"),
    "a service with a secret that the job has not": (
        "    container: {image: x, services: {db: {image: y, secrets: [A]}}}\n    run: x\n",
        "SLW307",
    ),
    "an image that nobody needs": ("    container: '${{ needs.b.outputs.image }}'\n    run: x\n", "SLW402"),
    "a service's image that nobody needs": (
        "    container: {image: x, services: {db: {image: '${{ needs.b.outputs.image }}'}}}\n    run: x\n",
        "SLW402",
    ),
}


@pytest.mark.parametrize("job", CONTAINERS)
def test_what_is_wrong_with_a_container_is_told_before_anything_runs(job):
    text, code = CONTAINERS[job]
    head = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs:\n  a:\n"
    problems = check((head + text).encode(), "p.yaml", lambda path: None).diagnostics

    assert [problem.code for problem in problems] == [code]
    assert problems[0].line > 5


def test_a_containers_name_alone_is_a_container_and_chooses_the_executor() -> None:
    head = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs:\n  a:\n"
    text = head + "    container: 'python:3.13'\n    run: x\n"
    checked = check(text.encode(), "p.yaml", lambda path: None)
    (job,) = compile_plan(checked, Event(EventKind.MANUAL)).jobs

    assert (job.executor, job.container.image if job.container else "") == ("docker", "python:3.13")
