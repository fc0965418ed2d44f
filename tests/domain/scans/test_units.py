"""Files that have not changed are not scanned again, and the result is that of a whole scan."""

from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings.model import Finding, FindingKind, Severity
from domain.scans.units import Known, joined, stale

NAMES = st.sampled_from(["a.py", "b.py", "c.py", "main.tf", "vars.tf", "web.yaml", "lib/d.py", "lib/e.js"])
TREES = st.dictionaries(NAMES, st.text("xyz", max_size=2), max_size=8)


def unit_of(path: str) -> str:
    return "" if path.endswith((".py", ".js")) else "infrastructure"


def scan(tree: dict[str, str]) -> Known:
    """Weak are a file with an x, and infrastructure with as many files as one says: it depends on the others."""
    group = sorted(path for path in tree if unit_of(path))
    found = [weak(path, "x") for path, text in tree.items() if "x" in text]
    found += [weak(path, f"one of {len(group)} with {'y' in ''.join(tree[one] for one in group)}") for path in group]
    found.sort(key=lambda one: (one.path, one.line, one.rule))
    documents = {"sbom": " ".join(f"{path}={tree[path]}" for path in group)}
    return Known(files=dict(tree), looked=tuple(sorted(tree)), findings=tuple(found), version="1", documents=documents)


def weak(path: str, rule: str) -> Finding:
    return Finding(tool="t", rule=rule, kind=FindingKind.SAST, severity=Severity.LOW, message="", path=path, line=1)


@given(TREES, TREES)
def test_a_scan_of_what_has_changed_is_a_scan_of_everything(before, after):
    known = scan(before)
    again = stale(after, known, unit_of)
    if again is not None:
        fresh = scan({path: text for path, text in after.items() if path in again})
        assert joined(known, after, again, fresh, unit_of) == scan(after)


@given(TREES)
def test_nothing_is_scanned_again_where_nothing_has_changed(tree):
    assert stale(tree, scan(tree), unit_of) == frozenset()


@given(TREES, st.text("xyz", min_size=3, max_size=3))
def test_a_changed_file_alone_is_scanned_again_and_infrastructure_together(tree, text):
    tree |= {f"more/{number}.py": "" for number in range(20)}
    known = scan(tree)

    assert stale({**tree, "more/1.py": text}, known, unit_of) == frozenset({"more/1.py"})
    group = frozenset(path for path in tree if unit_of(path)) | {"main.tf"}
    assert stale({**tree, "main.tf": text}, known, unit_of) == group


def test_a_finding_without_a_file_is_believed_of_no_other_tree():
    known = Known(files={"a.py": "1"}, findings=(weak("(the whole)", "x"),))

    assert stale({"a.py": "1", "b.py": "", "c.py": ""}, known, unit_of) is None
