"""What an editor does to a tree of labelled lines, by chance: each edit keeps track of every finding."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache

from tests.corpus.labelled import File, Line, Tree


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
        spot
        for spot in tree.weak(_python)
        if _alone(tree, *spot) and tree.files[spot[0]][spot[1]].text.strip() != old.text.strip()
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
