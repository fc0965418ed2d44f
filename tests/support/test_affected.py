"""What a change touches: never less than what stands on it, and everything when in doubt."""

import pytest

from tests.support.affected import ROOT, Source, read, touched

TREE = {
    "domain/scans/gate.py": "",
    "domain/releases/spec.py": "",
    "activities/scans/adapter.py": "from domain.scans import gate",
    "activities/releases/late.py": "def f():\n    import domain.releases.spec",
    "workers/worker/wiring.py": "import activities.scans.adapter, activities.releases.late",
    "workers/engine/start.py": "COMMAND = ['-m', 'activities.releases.late']",
    "tests/support/machines.py": "import pytest\nimport tests.support.below\nimport workers.worker.wiring\n@pytest.fixture\ndef machine(): ...",
    "tests/support/below.py": "",
    "tests/support/played.py": "",
    "tests/support/program.py": "",
    "tests/support/unknown.py": "",
    "tests/conftest.py": "pytest_plugins = ['tests.support.machines']",
    "tests/domain/scans/test_gate.py": "from domain.scans.gate import x",
    "tests/activities/triggers/test_late.py": "import activities.scans.adapter",
    "tests/workflows/scans/test_scans.py": "def test_a(machine): ...",
    "tests/workflows/releases/test_releases.py": "def test_a(machine): ...",
    "tests/workers/test_start.py": "import workers.engine.start\nfrom tests.support import played",
    "tests/system/test_kills.py": "import workers.engine.start\nRUN = 'program.py'",
    "tests/docs/test_pages.py": "import domain.releases.spec\nPAGE = 'errors.md'",
}
SOURCES = {path: Source(path, text) for path, text in TREE.items()}


def names(*changed: str) -> set[str]:
    return {path.rpartition("/")[2] for path in touched(changed, SOURCES).tests}


def test_what_imports_a_changed_file_is_touched_over_any_number_of_steps_and_at_any_depth() -> None:
    assert names("domain/scans/gate.py") == {"test_gate.py", "test_scans.py", "test_late.py"}
    assert names("domain/releases/spec.py") == {"test_releases.py", "test_start.py", "test_kills.py", "test_pages.py"}


def test_a_feature_touches_its_own_tests_and_not_every_test_of_what_is_wired_together() -> None:
    assert names("activities/scans/adapter.py") == {"test_scans.py", "test_late.py"}
    assert names("workers/worker/wiring.py") == names("pyproject.toml")


def test_what_supports_some_tests_touches_those_that_import_it_or_run_it_by_its_name() -> None:
    assert names("tests/support/played.py") == {"test_start.py"}
    assert names("tests/support/program.py") == {"test_kills.py"}


def test_a_changed_test_touches_itself() -> None:
    assert names("tests/domain/scans/test_gate.py") == {"test_gate.py"}


@pytest.mark.parametrize(
    "changed",
    [
        *("pyproject.toml", "deploy/setup.sh", "domain/core/ids.py", "tests/conftest.py", "new.bin"),
        *("tests/support/machines.py", "tests/support/below.py", "tests/support/unknown.py", "tests/support/script"),
    ],
)
def test_what_all_stands_on_or_what_nobody_knows_touches_everything(changed: str) -> None:
    found = touched([changed], SOURCES)

    assert found.why_all == f"{changed} has changed"
    assert len(found.tests) == sum(path.rpartition("/")[2].startswith("test_") for path in TREE)
    assert found.demo("demo")
    assert found.demo("demo-cluster")


def test_prose_touches_nothing_but_what_compares_it() -> None:
    assert names("docs/errors.md", "README.md") == {"test_pages.py"}


def test_data_belongs_to_the_modules_beside_it() -> None:
    assert names("activities/scans/rules.yaml") == {"test_scans.py", "test_late.py"}


def test_a_demo_is_touched_by_its_features() -> None:
    found = touched(["activities/releases/late.py"], SOURCES)

    assert (found.demo("demo"), found.demo("demo-cluster")) == (True, False)
    assert found.of_suite("system", SOURCES) == ["tests/system/test_kills.py"]


@pytest.mark.parametrize("marked", ["mark.system", "mark.parametrize('n', first_of(1, 2))"])
def test_a_file_is_of_the_system_suite_with_one_case_of_it(marked: str) -> None:
    name = "tests/domain/scans/test_many.py"
    sources = {**SOURCES, name: Source(name, f"@pytest.{marked}\ndef test_a(n=1): ...")}

    assert name in touched([name], sources).of_suite("system", sources)


def test_a_test_that_stands_on_nothing_known_is_always_run() -> None:
    alone = {**SOURCES, "tests/deploy/test_tree.py": Source("tests/deploy/test_tree.py", "")}

    assert "tests/deploy/test_tree.py" in touched(["domain/scans/gate.py"], alone).tests


@pytest.mark.system
def test_on_this_tree_a_rule_of_gates_and_a_sample_of_weak_code_touch_their_tests() -> None:
    sources = read(ROOT)
    found = touched(["domain/scans/gate.py"], sources).tests

    assert {"tests/domain/scans/test_gate.py", "tests/workflows/scans/test_scans.py"} <= found
    assert "tests/domain/pods/test_status.py" not in found
    assert "tests/contracts/scanners/test_rules.py" in touched(["tests/corpus/python/secrecy.py"], sources).tests
