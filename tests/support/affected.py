"""Which tests a change touches, by what imports what: `make affected`, and what `.ci/run` runs of the long suites.

An edge of the graph is an import, a module named in a string (`python -m workers.run`), or a fixture that a test asks for.
Two things are no edges. The places where everything is put together (COMPOSITION) import all of it, so that every test of a
workflow would depend on every adapter; instead a test depends on the whole of its own feature, whose name its folder
bears (docs/architecture.md). And what is changed but is neither code nor known below touches every test.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAYERS = ("domain", "pipeline_defs", "activities", "workflows", "workers")
COMPOSITION = (
    "workers/worker/wiring.py",
    "workers/worker/local_wiring.py",
    "workers/worker/temporal.py",
    "workers/cli/main.py",
    "tests/conftest.py",
)
EVERYTHING = (
    *("pyproject.toml", "Makefile", ".ci/run", "deploy/*", "tests/conftest.py", "*/core/*"),
    *COMPOSITION,
)
"""What every test stands on; and of SUPPORT, what tests/conftest.py loads, and what no test is known to stand on."""
SUPPORT = "tests/support/"
NOTHING = (
    "*.md",
    "docs/*",
    "LICENSE",
    ".gitignore",
    ".git-blame-ignore-revs",
    ".ci/verified",
    ".pre-commit-config.yaml",
)
"""Prose; a test that compares a page with the code names the page."""
BESIDE_THEIR_FOLDER = {
    "tests/system": (
        *("runs", "jobs", "releases", "approvals", "supervisor", "storage", "engine", "worker"),
        *("access", "api", "client", "console", "remote"),
    ),
    "tests/chaos": ("runs", "jobs", "releases", "approvals", "clusters", "supervisor", "storage", "engine", "worker"),
    "tests/workers/engine": ("runs", "jobs", "releases", "approvals", "supervisor", "storage", "worker"),
    "tests/workers/worker": ("runs", "releases", "approvals"),
    "tests/replay": ("runs", "approvals", "releases", "clusters", "pods", "volumes", "queues", "scans", "triggers"),
    "tests/judge": ("releases",),
}
"""Features of tests whose folder is not called like one."""
DEMOS = {
    "demo": (
        "runs",
        "jobs",
        "scans",
        "releases",
        "approvals",
        "access",
        "supply_chain",
        "evidence",
        "triggers",
        "demo",
    ),
    "demo-cluster": ("clusters", "pods", "volumes", "kubernetes", "demo"),
}
SAMPLES = "tests/corpus/*/*"
"""Of weak code: data of the modules above them."""
SUITES = {
    "system": (("mark.system", "first_of("), "tests/system/"),
    "heavy": (("mark.heavy",), "tests/heavy/"),
}
"""What a file of a long suite holds one of, or begins with; `first_of` of profile.py marks all cases but the first."""


@dataclass(frozen=True)
class Source:
    path: str
    text: str

    @cached_property
    def _nodes(self) -> list[ast.AST]:
        return list(ast.walk(ast.parse(self.text)))

    @cached_property
    def words(self) -> frozenset[str]:
        """Modules, as far as they are named: in imports at any depth, and in strings."""
        found: set[str] = set()
        for node in self._nodes:
            if isinstance(node, ast.Import):
                found |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 100:
                found.add(node.value)
        return frozenset(found)

    @cached_property
    def asked(self) -> frozenset[str]:
        """Fixtures that its tests and fixtures take, as arguments or by name."""
        functions = [one for one in self._nodes if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
        return frozenset(arg.arg for one in functions for arg in one.args.args)

    @cached_property
    def fixtures(self) -> frozenset[str]:
        functions = [one for one in self._nodes if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
        return frozenset(one.name for one in functions if any("fixture" in ast.dump(d) for d in one.decorator_list))

    @property
    def is_test(self) -> bool:
        return Path(self.path).name.startswith("test_")


@dataclass(frozen=True)
class Graph:
    """The files of the tree, and what each stands on."""

    sources: Mapping[str, Source]
    edges: Mapping[str, frozenset[str]] = field(init=False)

    def __post_init__(self) -> None:
        modules = {_module(path): path for path in self.sources}
        shared: dict[str, set[str]] = {}
        for one in self.sources.values():
            names = [*one.fixtures] if not one.is_test else []
            names += [one.path, Path(one.path).name] if one.path.startswith(SUPPORT) else []
            for name in names:
                shared.setdefault(name, set()).add(one.path)
        below: dict[str, list[str]] = {}
        for path in self.sources:
            for word in {*path.split("/")[1:-1]}:
                below.setdefault(word, []).append(path)
        edges = {path: self._edges(one, modules, shared, below) for path, one in self.sources.items()}
        object.__setattr__(self, "edges", edges)

    def _edges(
        self,
        one: Source,
        modules: Mapping[str, str],
        shared: Mapping[str, set[str]],
        below: Mapping[str, Sequence[str]],
    ) -> frozenset[str]:
        """`shared`: files by the fixtures that they make, and those that are run by their names; `below`: files by the folders that they lie in."""
        if one.path in COMPOSITION:
            return frozenset()
        found = {modules[word] for word in one.words if word in modules}
        if one.path.startswith("tests/"):
            asked = (one.asked | one.words) - one.fixtures
            found |= {home for name in asked for home in shared.get(name, ()) if _is_for(home, one.path)}
            layers = _layers_below(one.path)
            found |= {path for word in features_of(one.path) for path in below.get(word, ()) if path.startswith(layers)}
        return frozenset(found - {one.path})

    def tests_on(self, changed: Iterable[str]) -> set[str]:
        """Test files that stand on one of these, over any number of steps."""
        reached, ahead = set(changed), list(changed)
        behind: dict[str, list[str]] = {}
        for path, targets in self.edges.items():
            for target in targets:
                behind.setdefault(target, []).append(path)
        while ahead:
            new = set(behind.get(ahead.pop(), ())) - reached
            reached |= new
            ahead += new
        return {path for path, one in self.sources.items() if one.is_test and (path in reached or self._is_alone(path))}

    def under_all(self, path: str) -> bool:
        """Whether it is of SUPPORT, and every test stands on it, or none is known to."""
        if not path.startswith(SUPPORT) or path not in self.sources:
            return path.startswith(SUPPORT)
        loaded, ahead = set[str](), self._named_in("tests/conftest.py")
        while ahead:
            if (one := ahead.pop()) not in loaded:
                loaded.add(one)
                ahead += self._named_in(one)
        others = {one for one in self.tests_on([path]) if not self._is_alone(one)}
        return path in loaded or not others

    def _named_in(self, path: str) -> list[str]:
        """Modules of SUPPORT that a file names."""
        words = self.sources[path].words if path in self.sources else ()
        files = [f"{word.replace('.', '/')}.py" for word in words if word.startswith(SUPPORT.replace("/", "."))]
        return [one for one in files if one in self.sources]

    def _is_alone(self, test: str) -> bool:
        """It stands on nothing that the graph knows, for example on the tree itself: it is always run."""
        return not any(one.startswith((*LAYERS, "tests/")) for one in self.edges[test])


@dataclass(frozen=True)
class Touched:
    tests: frozenset[str]
    features: frozenset[str]
    why_all: str = ""
    """Why it is every test; "": it is not."""

    def of_suite(self, suite: str, sources: Mapping[str, Source]) -> list[str]:
        marks, folder = SUITES[suite]
        return sorted(
            path for path in self.tests if path.startswith(folder) or any(one in sources[path].text for one in marks)
        )

    def demo(self, name: str) -> bool:
        return bool(self.why_all or self.features & {*DEMOS[name]})


def _is_for(home: str, test: str) -> bool:
    """Whether a test can take the fixtures of this file: those of a conftest are for its folder alone."""
    return Path(home).name != "conftest.py" or test.startswith(f"{Path(home).parent}/")


def features_of(path: str) -> tuple[str, ...]:
    """`tests/workflows/releases/test_x.py` -> `releases`: the words of the folders, and what BESIDE_THEIR_FOLDER adds."""
    more = next((words for folder, words in BESIDE_THEIR_FOLDER.items() if path.startswith(folder + "/")), ())
    return (*path.split("/")[2:-1], *more)


def _layers_below(path: str) -> tuple[str, ...]:
    """The layer that a test's folder is called like, and those that it may import; all, for tests across the layers."""
    layer = path.split("/")[1]
    below = {
        "domain": LAYERS[:1],
        "pipeline_defs": LAYERS[:2],
        "activities": ("domain", "activities"),
        "workflows": LAYERS[:4],
    }
    return below.get(layer, LAYERS)


def touched(changed: Iterable[str], sources: Mapping[str, Source]) -> Touched:
    """What a change of these files touches. Deleted files count as changed; whoever named them fails by itself."""
    files = sorted(changed)
    features = frozenset(part for path in files if path.startswith(LAYERS) for part in path.split("/")[1:-1])
    graph = Graph(sources)
    if why := next((path for path in files if _touches_all(path, sources) or graph.under_all(path)), ""):
        every = frozenset(path for path, one in sources.items() if one.is_test)
        return Touched(every, features, f"{why} has changed")
    start = {path for path in files if path in sources}
    for path in set(files) - start:
        start |= _users(path, sources)
    return Touched(frozenset(graph.tests_on(start)), features)


def _touches_all(path: str, sources: Mapping[str, Source]) -> bool:
    if any(fnmatchcase(path, one) for one in NOTHING):
        return False
    known = path in sources or path.endswith(".py") or bool(_users(path, sources))
    return not known or any(fnmatchcase(path, one) for one in EVERYTHING)


def _users(path: str, sources: Mapping[str, Source]) -> set[str]:
    """Who reads a file that is no code: what names it, and for data the modules in its folder and above."""
    name = Path(path).name
    found = {one.path for one in sources.values() if name in one.text}
    if not any(fnmatchcase(path, one) for one in NOTHING):
        folders = {str(folder) for folder in Path(path).parents if str(folder).count("/")}
        found |= {one for one in sources if str(Path(one).parent) in folders}
    return found


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def read(root: Path = ROOT) -> dict[str, Source]:
    """The code of the tree: what git knows, and what is new and not ignored."""
    names = [name for name in _git(root, "ls-files", "-co", "--exclude-standard") if name.endswith(".py")]
    code = [name for name in names if not fnmatchcase(name, SAMPLES)]
    return {one: Source(one, (root / one).read_text()) for one in code if (root / one).exists()}


def changes(base: str, root: Path = ROOT) -> set[str]:
    """Files that differ from a commit, in the working tree too."""
    new = _git(root, "ls-files", "-o", "--exclude-standard")
    return {*_git(root, "diff", "--name-only", "--no-renames", base), *new}


def default_base(root: Path = ROOT) -> str:
    """Where this branch left the trunk; on the trunk itself, the commit before."""
    head = _git(root, "rev-parse", "HEAD")[0]
    try:
        fork = _git(root, "merge-base", "HEAD", "origin/main")[0]
    except subprocess.CalledProcessError:
        fork = head
    return fork if fork != head else "HEAD~1"


def _git(root: Path, *arguments: str) -> list[str]:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout.splitlines()


def main(arguments: list[str]) -> int:
    """`affected`: test files. `affected suite|demo NAME`: files of a suite, or the demo's name. All take a base; "": all."""
    kind, name, base = (
        [*arguments, *[""] * 3][:3] if arguments[:1] in (["suite"], ["demo"]) else ["", "", *arguments, ""][:3]
    )
    sources = read()
    if kind and not base:
        found = Touched(
            frozenset(path for path, one in sources.items() if one.is_test), frozenset(), "no base is known"
        )
    else:
        found = touched(changes(base or default_base()), sources)
    if found.why_all:
        print(f"all of it: {found.why_all}", file=sys.stderr)
    lines = (
        sorted(found.tests)
        if not kind
        else found.of_suite(name, sources)
        if kind == "suite"
        else [name] * found.demo(name)
    )
    print(*lines, sep="\n", end="\n" if lines else "")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
