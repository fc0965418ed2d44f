"""Small projects for the analysis."""

from __future__ import annotations

from textwrap import dedent

from domain.scans.dataflow.analyse import analyse
from domain.scans.findings.model import Finding


def found(**files: str) -> list[Finding]:
    """Findings of a project; `app__views="..."` is `app/views.py`."""
    return list(analyse({f"{name.replace('__', '/')}.py": dedent(text) for name, text in files.items()}).findings)


def rules_of(files: dict[str, str]) -> list[str]:
    """The same, by path."""
    return [one.rule.removeprefix("dataflow-") for one in analyse(files).findings]


def rules(**files: str) -> list[str]:
    """Short names of the rules, one per finding."""
    return [one.rule.removeprefix("dataflow-") for one in found(**files)]


def of_view(body: str, before: str = "") -> list[str]:
    """Rules that a Flask view with this body breaks; `q` is an argument of the request."""
    lines = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
    head = "import os, sqlite3, subprocess, flask\nfrom flask import request\napp = flask.Flask(__name__)\n"
    return rules(app=f"{head}{dedent(before)}\n@app.route('/')\ndef view():\n    q = request.args.get('q')\n{lines}\n")
