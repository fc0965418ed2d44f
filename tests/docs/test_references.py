"""What the documentation names is there: commands with their options, files, modules, targets of make, links, pages."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click

from workers.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "how-to").glob("*.md")})
CODE = re.compile(r"`([^`\n]+)`")
BLOCK = re.compile(r"```[a-z]*\n(.*?)```", re.S)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FILE = re.compile(r"(?:tests|docs|domain|activities|workflows|workers|pipeline_defs|deploy)(?:/[\w.-]+)+\.\w+")
MADE_UP = re.compile(r"/[A-Z]{4,}[._/]|/X\.")
"""`NAME.py` stands for any."""
TARGET = re.compile(r"^make ([a-z][a-z-]+)")
MODULE = re.compile(r"python -m ((?:tests|workers|docs)[\w.]*)")
CONSOLE = ("console.md", "topology.md", "requests.md", "pods.md", "exec.md")
PATH = re.compile(r"`(/[a-z][^`?\s]*)[^`\s]*`")
ROUTE = re.compile(r'"(/[a-z{][^"\s]*)"')
PART, ANY = re.compile(r"\{[^}]*\}"), re.compile(r"\b[A-Z]{2,}\b")
ENDS = re.compile(r"\s(?:\||&&|;|>|<|#|2>).*|[.,;:]$")


def code(page: Path, *, blocks: bool = True) -> list[str]:
    """Between backticks, and each line of a block."""
    text = page.read_text()
    lines = [line.strip().removeprefix("$ ") for block in BLOCK.findall(text) for line in block.splitlines()]
    return CODE.findall(BLOCK.sub("", text)) + (lines if blocks else [])


def typed(page: Path) -> Iterator[str]:
    """Commands."""
    return (ENDS.sub("", said) for said in code(page) if said.startswith("sluiceway "))


def wrong_in(said: str) -> str:
    """What of a command is not there; empty: nothing."""
    try:
        words = shlex.split(said)[1:]
    except ValueError:  # an apostrophe of prose
        return ""
    command: click.Command = cli
    context = click.Context(command, info_name="sluiceway")
    for word in words:
        if word == "--":
            return ""
        name = word.partition("=")[0]
        if isinstance(command, click.Group) and re.fullmatch(r"[a-z][a-z-]*", word):
            found = command.get_command(context, word)
            if found is None:
                return f"there is no command {word!r}"
            command, context = found, click.Context(found, info_name=word, parent=context)
        elif name.startswith("--") and name != "--help" and name not in options(context):
            return f"{command.name} has no option {name}"
    return ""


def options(context: click.Context | None) -> set[str]:
    """Of a command and of those that it is in."""
    known = {"--server"}  # of every command: workers/cli/placed.py
    while context is not None:
        for one in context.command.get_params(context):
            known |= {*one.opts, *one.secondary_opts}
        context = context.parent
    return known


def test_commands_and_their_options_are_there() -> None:
    said = ((page.name, one, wrong_in(one)) for page in PAGES for one in typed(page))
    assert [one for one in said if one[2]] == []


def test_files_are_there() -> None:
    named = ((page.name, one) for page in PAGES for said in code(page, blocks=False) for one in FILE.findall(said))
    assert [one for one in named if not MADE_UP.search(one[1]) and not (ROOT / one[1]).exists()] == []


def test_modules_and_targets_of_make_are_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    made = ((page.name, one) for page in PAGES for said in code(page) for one in TARGET.findall(said))
    assert [one for one in made if one[1] not in targets] == []
    modules = ((page.name, one) for page in PAGES for said in code(page) for one in MODULE.findall(said))
    assert [one for one in modules if not _is_module(ROOT / one[1].rstrip(".").replace(".", "/"))] == []


def _is_module(at: Path) -> bool:
    return at.is_dir() or at.with_suffix(".py").exists()


def test_links_lead_somewhere() -> None:
    links = ((page, one) for page in PAGES for one in LINK.findall(page.read_text()))
    inside = ((page, one) for page, one in links if "://" not in one and not one.startswith("mailto:"))
    assert [(page.name, one) for page, one in inside if not (page.parent / one).exists()] == []


def test_pages_of_the_console_are_there() -> None:
    """Of what documents it: a part in capitals stands for any."""
    routes = {PART.sub("*", one) for file in ROOT.glob("workers/*/**/*.py") for one in ROUTE.findall(file.read_text())}
    told = [(name, one) for name in CONSOLE for one in PATH.findall((ROOT / "docs" / name).read_text())]
    wrong = [(name, one) for name, one in told if not any(one_of(route, one) for route in routes)]
    assert wrong == []


def one_of(route: str, told: str) -> bool:
    return route.endswith(ANY.sub("*", told.removeprefix("/api/v1")))
