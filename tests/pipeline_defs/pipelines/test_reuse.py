"""Templates and used files: what is taken from where, and that nobody can move it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.errors import DefinitionError, SluicewayError
from domain.pipelines.reference import GitReference, git_reference, inside, resolve
from domain.triggers.events import Event, EventKind
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import compile_plan

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
USED = f"git+https://git.example.org/ci.git@{COMMIT}"


def found(text, read=lambda path: None):
    return list(check((HEAD + text).encode(), "p.yaml", read).diagnostics)


def planned(text, read=lambda path: None):
    return {j.id: j for j in compile_plan(check((HEAD + text).encode(), "p.yaml", read), Event(EventKind.MANUAL)).jobs}


TEMPLATES = """\
templates:
  base: {timeouts: {run: 5m, queue: 1m}, env: {A: base, B: base}}
  slow: {extends: base, timeouts: {run: 1h}, env: {B: slow}}
"""


def test_a_job_takes_what_its_template_says_and_its_own_words_win() -> None:
    job = planned(TEMPLATES + "jobs:\n  a: {extends: slow, run: x, env: {C: job}}\n")["a"]

    assert (job.run_timeout_s, job.queue_timeout_s) == (3600, 60)
    assert job.env == {"A": "base", "B": "slow", "C": "job"}


def test_the_later_of_two_templates_wins_and_lists_are_replaced() -> None:
    text = "templates:\n  one: {secrets: [x], env: {A: one}}\n  two: {env: {A: two}}\nsecrets: {x: x-of-one, y: y-of-two}\n"
    job = planned(text + "jobs:\n  a: {extends: [one, two], secrets: [y], run: x}\n")["a"]

    assert (job.env, list(job.secrets)) == ({"A": "two"}, ["y"])


WRONG = {
    "unknown": ("base: {}", "bas", ["4:14 SLW702", "6:18 SLW606"], "did you mean 'base'"),
    "a circle": ("a: {extends: b}, b: {extends: a}", "a", ["4:44 SLW607"], "a -> b -> a"),
    "an unknown key": ("t: {neds: b}", "t", ["4:18 SLW201"], "needs"),
    "an unknown name": ("t: {env: {A: '${{ nope }}'}}", "t", ["4:31 SLW402"], "nope"),
    "a second kind": ("t: {build: {steps: x}}", "t", ["6:3 SLW204", "7:3 SLW204"], "several kinds"),
    "used by nobody": ("t: {stage: x}", "[]", ["4:14 SLW702"], "no job extends"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_problem_of_a_template_is_told_once_and_where_it_is_written(name):
    templates, extends, places, word = WRONG[name]
    job = f"{{extends: {extends}, run: x}}"
    told = found(f"templates: {{ {templates} }}\njobs:\n  one: {job}\n  two: {job}\n")
    told = told if name != "unknown" else told[:2]

    assert [f"{p.line}:{p.column} {p.code}" for p in told] == places
    assert any(word in f"{p.message} {p.hint}" for p in told)


def test_templates_cannot_blow_a_definition_up() -> None:
    big = "templates:\n  t: {env: {" + ", ".join(f"A{i}: x" for i in range(2_000)) + "}}\njobs:\n"
    told = found(big + "".join(f"  j{i}: {{extends: t, run: x}}\n" for i in range(200)))

    assert [p.code for p in told if p.severity == "error"] == ["SLW106"]


COMPONENT = b"""\
apiVersion: sluiceway/v1
kind: Component
name: c
inputs: {level: {type: integer, required: true}}
jobs:
  inner: {uses: ./below.yaml, with: {n: "${{ inputs.level }}"}}
"""
BELOW = b"apiVersion: sluiceway/v1\nkind: Component\nname: b\ninputs: {n: {type: integer}}\njobs:\n  z: {run: x}\n"
FILES = {f"{USED}#ci/c.yaml": COMPONENT, f"{USED}#ci/below.yaml": BELOW}


def test_jobs_of_another_repository_take_typed_inputs_and_find_the_files_beside_them() -> None:
    text = f"jobs:\n  a: {{uses: '{USED}#ci/c.yaml', with: {{level: 3}}}}\n"

    assert found(text, FILES.get) == []
    assert planned(text, FILES.get)["a-inner-z"].inputs == {"n": 3}


def test_the_inputs_of_another_repository_are_checked_and_its_problems_carry_its_name() -> None:
    told = found(f"jobs:\n  a: {{uses: '{USED}#ci/c.yaml', with: {{level: x}}}}\n", FILES.get)
    assert [p.code for p in told] == ["SLW602"]

    broken = {f"{USED}#component.yaml": COMPONENT.replace(b"uses", b"usse")}
    told = found(f"jobs:\n  a: {{uses: '{USED}', with: {{level: 3}}}}\n", broken.get)
    assert {p.file for p in told} == {f"{USED}#component.yaml"}


@pytest.mark.parametrize(
    ("used", "code", "word"),
    [
        (USED.replace(COMMIT, "main"), "SLW605", "git ls-remote https://git.example.org/ci.git"),
        (USED.replace(COMMIT, "v1.2"), "SLW605", "can move"),
        (USED.replace(COMMIT, COMMIT[:12]), "SLW605", "40 digits"),
        (USED.replace(COMMIT, COMMIT.upper()), "SLW605", "40 digits"),
        ("git+https://git.example.org/ci.git", "SLW605", "no name"),
        (f"git+http://git.example.org/ci@{COMMIT}", "SLW604", "https"),
        (f"git+ext::sh -c x@{COMMIT}", "SLW604", "https"),
        (f"git+ssh://-oProxyCommand=x/ci@{COMMIT}", "SLW604", "https"),
        (f"git+https://me:word@git.example.org/ci@{COMMIT}", "SLW604", "password"),
        (f"git+file://relative@{COMMIT}", "SLW604", "https"),
        (USED + "#../x.yaml", "SLW604", "leaves"),
        ("./a\\0b", "SLW601", "out of"),
    ],
)
def test_a_reference_that_can_move_or_must_not_be_followed_is_an_error(used, code, word):
    told = found(f'jobs:\n  a: {{uses: "{used}"}}\n')

    assert [(p.code, p.line, p.column) for p in told if p.code != "SLW109"] == [(code, 5, 13)]
    assert word in f"{told[0].message} {told[0].hint}"


def test_a_repository_that_cannot_be_fetched_is_a_problem_with_its_place() -> None:
    def read(path):
        raise SluicewayError("SLW816", "https://git.example.org/ci.git cannot be fetched", why="no route to host")

    told = found(f"jobs:\n  a: {{uses: '{USED}'}}\n", read)
    assert [(p.code, p.hint) for p in told] == [("SLW604", "no route to host")]


def test_a_circle_through_another_repository_is_told() -> None:
    files = {f"{USED}#component.yaml": COMPONENT.replace(b"./below.yaml", b"component.yaml")}

    assert "SLW603" in {p.code for p in found(f"jobs:\n  a: {{uses: '{USED}', with: {{level: 1}}}}\n", files.get)}


words = st.text(st.sampled_from("ab./-"), max_size=12)


@given(words, words)
def test_a_path_never_leaves_the_folder_in_which_all_lie(file, used):
    path = inside(file.lstrip("/").replace("..", "a"), used)

    assert path is None or (".." not in path.split("/") and not path.startswith("/"))


@given(st.text(max_size=40))
def test_any_text_is_a_path_or_a_reference_or_an_error(text):
    try:
        named = str(git_reference("git+" + text))
    except DefinitionError as wrong:
        named, code = "", wrong.code

    assert str(git_reference(named)) == named if named else code in ("SLW604", "SLW605")


@given(st.lists(st.sampled_from(["a", "b", "c.yaml"]), min_size=1, max_size=4).map("/".join))
def test_a_reference_survives_being_written_and_read(path):
    made = GitReference("https://git.example.org/ci.git", COMMIT, path)

    assert git_reference(str(made)) == made
    assert resolve(str(made), "./x.yaml") == str(GitReference(made.url, COMMIT, inside(path, "x.yaml") or ""))
