"""The page of a weakness, as Markdown (docs/rules, by `make docs`) and as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from domain.scans.findings.model import Finding
from domain.scans.rules.model import Weakness
from domain.scans.rules.severity import MATRIX
from domain.scans.rules.weaknesses import GROUPS, WEAKNESSES

_HEAD = """# Rules

Made from `domain/scans/rules/weaknesses/` by `make docs`; do not edit. `sluiceway scan --explain RULE` prints a page,
with the path of the value if it is a finding's fingerprint.

The severity of weak code follows from how likely somebody can use it and what it costs then. A proven path from a
request raises the likelihood. Test code is two severities lower; generated, vendored and minified code one.

| likelihood | impact low | impact medium | impact high |
|---|---|---|---|
"""


def index() -> str:
    """docs/rules/README.md: the table of severities, and a list of the pages."""
    levels = sorted({likelihood for likelihood, _ in MATRIX}, key=lambda level: level.rank)
    rows = (f"| {one} | " + " | ".join(MATRIX[one, impact] for impact in levels) + " |\n" for one in levels)
    return _HEAD + "".join(rows) + "".join(_group(name) for name in GROUPS)


def _group(name: str) -> str:
    rows = (
        f"| [{one.title}]({one.key}.md) | {one.cwe} | {', '.join(f'`{rule}`' for rule, _ in one.rules)} |\n"
        for one in GROUPS[name]
    )
    return f"\n## {name}\n\n| page | CWE | rules |\n|---|---|---|\n{''.join(rows)}"


def pages() -> Iterator[tuple[str, str]]:
    """Names of files below docs/rules, and their texts."""
    yield "README.md", index()
    for one in WEAKNESSES:
        yield f"{one.key}.md", page(one)


def page(one: Weakness) -> str:
    """One page, as Markdown."""
    rules = "".join(f"| `{rule}` | {likely} | {MATRIX[likely, one.impact]} |\n" for rule, likely in one.rules)
    return f"""# {one.title}

[{one.cwe}](https://cwe.mitre.org/data/definitions/{one.number}.html)

{one.what}

{one.why}

## Weak

```{one.language}
{one.weak}```

## Safe

```{one.language}
{one.safe}```

{one.fix}

## Severity

Impact {one.impact}.

| rule | likelihood | severity |
|---|---|---|
{rules}"""


def told(one: Weakness, finding: Finding | None = None) -> str:
    """The page for a terminal: of a finding with its place, its severity and the path of its value."""
    parts = [f"{one.title} ({one.cwe})", "", one.what, one.why, "", "What to do: " + one.fix, ""]
    if finding:
        parts += _place(finding)
    parts += ["weak:", indent(one.weak, "    "), "safe:", indent(one.safe, "    ").rstrip(), ""]
    rules = ", ".join(f"{rule} ({MATRIX[likely, one.impact]})" for rule, likely in one.rules)
    return "\n".join([*parts, f"rules: {rules}", f"page: docs/rules/{one.key}.md"])


def without_page(finding: Finding) -> str:
    """A finding whose rule has no page here, such as one of an imported report."""
    about = [_line(finding.message), finding.cwe, _line(finding.url)]
    return "\n".join([_line(f"{finding.rule} ({finding.tool})"), *filter(None, about), "", *_place(finding)])


def _place(finding: Finding) -> list[str]:
    where = f"{finding.path}:{finding.line}" if finding.line else finding.path or finding.package
    source = f" ({_line(finding.severity_source)})" if finding.severity_source else ""
    lines = [f"here: {_line(where)}", f"severity: {finding.severity}{source}"]
    if finding.fingerprint:
        lines.append(f"fingerprint: {finding.fingerprint}")
    if finding.trace:
        lines.append("the path of the value:")
    for number, one in enumerate(finding.trace, 1):
        lines.append(f"    {number}. {_line(one.path)}:{one.line}  {_line(one.text)}")
    return [*lines, ""]


def _line(text: str) -> str:
    """What a file or a tool says, in one line: it cannot look like a line of ours."""
    return " ".join(text.split())
