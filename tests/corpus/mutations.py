"""Seeded edits of the corpus that keep track of every labelled finding: what a baseline must and must not call new.

`python -m tests.corpus.mutations` plays 2,000 of each kind (`SEED=n`, `COUNT=n`) and prints what was missed, that is new and
not called so, and what was falsely new; exit code 0 when nothing was missed and at most 2 % was falsely new.
"""

from __future__ import annotations

import ast
import json
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from domain.scans.findings.baseline import compare
from domain.scans.findings.fingerprint import identified, identity
from domain.scans.findings.model import Finding, FindingKind, Severity, State
from domain.scans.findings.location import Source, located
from tests import corpus

FALSELY_NEW = 0.02


@dataclass(frozen=True)
class Line:
    text: str
    ids: tuple[int, ...] = ()
    what: tuple[str, ...] = ()
    kind: FindingKind = FindingKind.SAST


File = tuple[Line, ...]


@dataclass
class Tree:
    files: dict[str, File]
    next_id: int = 1_000_000
    """Ids from here on are of findings that the baseline does not have."""

    def new_id(self) -> int:
        self.next_id += 1
        return self.next_id

    def weak(self, chosen: Callable[[str], bool] = lambda path: True) -> list[tuple[str, int]]:
        return [(path, at) for path, file in self.files.items() if chosen(path) for at, x in enumerate(file) if x.ids]


def original() -> Tree:
    return Tree(dict(_labelled()))


@cache
def _labelled() -> dict[str, File]:
    files: dict[str, File] = {}
    number = 0
    for label in corpus.labels("."):
        files.setdefault(label.path, _read(label.path))
        if label.weak:
            number += 1
            file = list(files[label.path])
            one = file[label.line - 1]
            file[label.line - 1] = replace(
                one, ids=(*one.ids, number), what=(*one.what, label.what), kind=corpus.kind(label.path)
            )
            files[label.path] = tuple(file)
    return files


def _read(path: str) -> File:
    return tuple(Line(corpus.bare(line)) for line in (corpus.ROOT / path).read_text().splitlines())


@lru_cache(maxsize=4_000)
def _found(path: str, file: File) -> tuple[tuple[int, Finding], ...]:
    source = Source(path, "\n".join(line.text for line in file))
    found = []
    for number, line in enumerate(file, 1):
        for id_, what in zip(line.ids, line.what, strict=True):
            one = Finding(tool="label", rule=what, kind=line.kind, severity=Severity.HIGH, message="", path=path, line=number, cwe=what)
            if line.kind is FindingKind.SECRET:
                one = replace(one, secret=corpus.secret(line.text))
            if line.kind is FindingKind.VULNERABILITY:
                one = replace(one, package=corpus.package(line.text))
            found.append((id_, located(one, source)))
    return tuple(found)


def findings(tree: Tree) -> list[tuple[int, Finding]]:
    return [one for path in sorted(tree.files) for one in _found(path, tree.files[path])]


# -- what an editor does -------------------------------------------------------------------------------------------


def insert(tree: Tree, draw: random.Random) -> None:
    """Harmless lines before a statement or a comment, near a finding or anywhere."""
    path, at = draw.choice(tree.weak()) if draw.random() < 0.5 else (draw.choice(sorted(tree.files)), -1)
    file = list(tree.files[path])
    at = at if at >= 0 else draw.randrange(len(file))
    at = _start(path, file, at)
    indent = file[at].text[: len(file[at].text) - len(file[at].text.lstrip())] if at < len(file) else ""
    texts = [f"{indent}{draw.choice(_harmless(path))}" for _ in range(draw.randint(1, 4))]
    file[at:at] = [Line(text.format(draw.randrange(10**6))) for text in texts]
    tree.files[path] = tuple(file)


def edit(tree: Tree, draw: random.Random) -> None:
    """Another statement in the function of a finding."""
    path, at = draw.choice(tree.weak(_python))
    file = list(tree.files[path])
    at = _start(path, file, at)
    indent = file[at].text[: len(file[at].text) - len(file[at].text.lstrip())]
    file.insert(at, Line(f"{indent}seen_{draw.randrange(10**6)} = {draw.randrange(100)}"))
    tree.files[path] = tuple(file)


def move(tree: Tree, draw: random.Random) -> None:
    """A function to another place of its file, or to the end of another one."""
    path, block = _function(tree, draw)
    file = list(tree.files[path])
    taken = file[slice(*block)]
    del file[slice(*block)]
    tree.files[path] = tuple(file)
    other = draw.choice([one for one in sorted(tree.files) if _python(one)]) if draw.random() < 0.5 else path
    _put(tree, other, taken, draw)


def rename(tree: Tree, draw: random.Random) -> None:
    path = draw.choice([path for path, _ in tree.weak()])
    name = path.rpartition("/")[2]
    new = draw.choice([f"moved/{name}", f"{path.rpartition('/')[0]}/new_{name}", f"a/b/{draw.randrange(1000)}_{name}"])
    tree.files = {new if one == path else one: file for one, file in tree.files.items()}


def reformat(tree: Tree, draw: random.Random) -> None:
    path = draw.choice([path for path, _ in tree.weak()])
    file = tree.files[path]
    tree.files[path] = _wrapped(file, draw) if _python(path) else tuple(_spaced(line, draw) for line in file)


def duplicate(tree: Tree, draw: random.Random) -> None:
    """A copy of a function with its weaknesses, under its own or another name; or of a line."""
    if draw.random() < 0.3:
        path, at = draw.choice(tree.weak(lambda path: not _python(path)))
        file = list(tree.files[path])
        copy = replace(file[at], ids=tuple(tree.new_id() for _ in file[at].ids))
        file.insert(at + 1, copy)
        tree.files[path] = tuple(file)
        return
    path, block = _function(tree, draw)
    taken = [replace(x, ids=tuple(tree.new_id() for _ in x.ids)) for x in tree.files[path][slice(*block)]]
    if draw.random() < 0.5:
        taken = [replace(x, text=x.text.replace("def ", "def copied_", 1)) for x in taken]
    _put(tree, draw.choice([one for one in sorted(tree.files) if _python(one)]), taken, draw)


def replace_by_two(tree: Tree, draw: random.Random) -> None:
    """One known weakness is mended, and two others come in its place."""
    path, at = draw.choice([spot for spot in tree.weak(_python) if _alone(tree, *spot)])
    old = tree.files[path][at]
    indent = old.text[: len(old.text) - len(old.text.lstrip())]
    spots = [
        spot for spot in tree.weak(_python) if _alone(tree, *spot) and tree.files[spot[0]][spot[1]].text.strip() != old.text.strip()
    ]
    twins = [tree.files[one][number] for one, number in draw.sample(spots, 2)]
    others = [Line(f"os.system(first_{draw.randrange(10**6)} + {n!r})", (0,), old.what[:1]) for n in ("a", "b")]
    file = list(tree.files[path])
    chosen = twins if draw.random() < 0.5 else others
    file[at : at + 1] = [
        replace(x, text=indent + x.text.lstrip(), ids=tuple(tree.new_id() for _ in x.ids)) for x in chosen
    ]
    tree.files[path] = tuple(file)


def elsewhere(tree: Tree, draw: random.Random) -> None:
    """One known weakness is mended, and exactly the same is written in a place that has nothing to do with it."""
    path, at = draw.choice([spot for spot in tree.weak(_python) if _alone(tree, *spot)])
    old, file = tree.files[path][at], list(tree.files[path])
    indent = old.text[: len(old.text) - len(old.text.lstrip())]
    file[at] = Line(f"{indent}mended_{draw.randrange(10**6)} = True")
    tree.files[path] = tuple(file)
    name = f"unrelated_{draw.randrange(10**6)}"
    body = [f"def {name}():", f"    begun_{name} = 1", f"    {old.text.lstrip()}", f"    ended_{name} = 2"]
    new = [Line(text) for text in body]
    new[2] = Line(body[2], tuple(tree.new_id() for _ in old.ids), old.what)
    _put(tree, draw.choice([one for one in sorted(tree.files) if _python(one)]), new, draw)


Mutation = Callable[[Tree, random.Random], None]
KINDS: dict[str, tuple[Mutation, ...]] = {
    "insert": (insert,),
    "move": (move,),
    "rename": (rename,),
    "reformat": (reformat,),
    "duplicate": (duplicate,),
    "replace by two": (replace_by_two,),
    "the same elsewhere": (elsewhere,),
    "move and edit": (edit, move),
    "rename and edit": (edit, rename),
    "reformat and move": (reformat, move),
    "rename and duplicate": (duplicate, rename),
    "move and replace": (replace_by_two, move),
    "reformat and replace": (replace_by_two, reformat),
}


def _python(path: str) -> bool:
    return path.endswith(".py")


def _parsed(file: Iterable[Line]) -> ast.Module:
    return _tree("\n".join(line.text for line in file))


@lru_cache(maxsize=500)
def _tree(text: str) -> ast.Module:
    """Most files of a tree are as they were."""
    return ast.parse(text)


def _start(path: str, file: list[Line], at: int) -> int:
    """The first line of the statement that the line belongs to, where something may stand before it."""
    if not _python(path):
        return at
    best = len(file)
    for node in ast.walk(_parsed(file)):
        if not isinstance(node, ast.stmt):
            continue
        start = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", []))]) - 1
        if start <= at <= (node.end_lineno or node.lineno) - 1:
            compound = hasattr(node, "body")
            best = start if not compound or best == len(file) else best
    return best


def _harmless(path: str) -> list[str]:
    if _python(path):
        return ["# note {}", "", "unused_{} = 1"]
    return ["// note {}", ""] if path.endswith((".js", ".go")) else ["# note {}", ""]


def _function(tree: Tree, draw: random.Random) -> tuple[str, tuple[int, int]]:
    """A function at the top of a file that holds a weakness: its lines, from and to."""
    spots = []
    for path, file in tree.files.items():
        if _python(path):
            for node in _parsed(file).body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    start = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1
                    end = node.end_lineno or start
                    if any(line.ids for line in file[start:end]):
                        spots.append((path, (start, end)))
    return draw.choice(spots)


def _put(tree: Tree, path: str, lines: list[Line], draw: random.Random) -> None:
    """Between two statements at the top of the file."""
    file = list(tree.files[path])
    ends = [node.end_lineno or 0 for node in _parsed(file).body] or [0]
    at = draw.choice(ends)
    file[at:at] = [Line(""), Line(""), *lines]
    tree.files[path] = tuple(file)


def _alone(tree: Tree, path: str, at: int) -> bool:
    """A whole statement of one line inside a function, so that it can be taken out."""
    text = tree.files[path][at].text
    if (
        not text.startswith(" ")
        or text.rstrip().endswith(("(", "[", "{", ",", ":"))
        or text.strip().startswith("return")
    ):
        return False
    try:
        return len(ast.parse(text.strip()).body) == 1
    except SyntaxError:
        return False


def _wrapped(file: File, draw: random.Random) -> File:
    """What formatters do: other quotes, line breaks and commas inside brackets, other blank lines."""
    made: list[Line] = []
    for line in file:
        text = line.text
        if text.count('"') == 2 and "'" not in text and "\\" not in text and draw.random() < 0.5:
            text = text.replace('"', "'")
        indent = text[: len(text) - len(text.lstrip())]
        opened = text.find("(")
        if (
            0 < opened < len(text) - 2
            and draw.random() < 0.5
            and not text.strip().startswith(("def ", "@", "#", "async def"))
        ):
            rest = text[opened + 1 :]
            made += [replace(line, text=text[: opened + 1]), Line(f"{indent}        {rest}")]
        else:
            made.append(replace(line, text=text))
        if not text and draw.random() < 0.3:
            made.append(Line(""))
    try:
        _parsed(made)
    except SyntaxError:
        return file
    return tuple(made)


def _spaced(line: Line, draw: random.Random) -> Line:
    text = line.text
    if draw.random() < 0.5:
        text = text.replace(" = ", "  =  ").replace(", ", ",").replace(": ", ":  ")
    return replace(line, text=text + " " * draw.randint(0, 2))


# -- the count -----------------------------------------------------------------------------------------------------


@dataclass
class Score:
    kind: str
    played: int = 0
    new: int = 0
    """Findings that are new."""
    known: int = 0
    """Findings that were there before, in the files that were edited."""
    missed: int = 0
    falsely_new: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return not self.missed and self.falsely_new <= FALSELY_NEW * self.played


def play(kind: str, count: int, seed: int) -> Score:
    first, score = original(), Score(kind)
    before = identified([one for _, one in findings(first)])
    for number in range(count):
        draw = random.Random(f"{seed} {kind} {number}")
        tree = Tree(dict(first.files))
        for mutation in KINDS[kind]:
            mutation(tree, draw)
        now = findings(tree)
        touched = {path for path, file in tree.files.items() if first.files.get(path) != file}
        compared = compare(before, [one for _, one in now], set(tree.files))
        _count(score, now, compared.findings, touched, kind == "the same elsewhere")
        score.played += 1
    return score


def _count(
    score: Score, now: list[tuple[int, Finding]], states: tuple[Finding, ...], touched: set[str], strict: bool
) -> None:
    """By identity: of two twins it is no matter which one is called new. Strict: also what could have moved."""
    new: Counter[object] = Counter()
    said: Counter[object] = Counter()
    for (id_, one), stated in zip(now, states, strict=True):
        new[identity(one)] += id_ >= 1_000_000
        said[identity(one)] += stated.state is State.NEW
        score.known += id_ < 1_000_000 and one.path in touched
        score.new += id_ >= 1_000_000
    for key in new | said:
        if said[key] < new[key]:
            score.missed += new[key] - said[key]
            score.examples.append(f"missed: {key}")
        if said[key] > new[key]:
            score.falsely_new += said[key] - new[key]
            score.examples.append(f"falsely new: {key}")


def main() -> int:
    seed, count = int(os.environ.get("SEED", "1")), int(os.environ.get("COUNT", "2000"))
    print(json.dumps({"labelled findings": len(findings(original())), "seed": seed}))
    good = True
    for kind in KINDS:
        score = play(kind, count, seed)
        good &= score.good
        shown = {
            "kind": kind,
            "mutations": score.played,
            "new": score.new,
            "missed": score.missed,
            "known": score.known,
        }
        print(json.dumps({**shown, "falsely new": score.falsely_new, "examples": score.examples[:3]}), flush=True)
    print("held" if good else "not held")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
