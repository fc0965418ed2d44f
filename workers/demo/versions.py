"""The versions that the demo pushes, and the expected outcome of each."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

Edit = tuple[str, str, str]
"""File, text, replacement."""

HEALTHY = "return bool(CATALOGUE)"
UNHEALTHY = "return bool(CATALOGUE) and 'WAREHOUSE' in __import__('os').environ"
TAX, WRONG_TAX = "return (cents * (100 + percent) + 50) // 100", "return cents * (100 + percent) // 100"
PRICE = '    if url.path == "/price":'
WEAK = """    if url.path == "/stock":
        import os

        item = parse_qs(url.query).get("item", [""])[0]
        os.system(f"grep {item} stock.txt")
        return 200, {"item": item}
"""
ANALYSIS = "analysis: {tick: 1s, min-dwell: 5s, first-weight: 5, warm-up: 5s}"
"""Settings that differ from the defaults, besides the split: a demo cannot wait for minutes."""
DIFFERENT = "tick 1 s (10), min-dwell 5 s (60), first-weight 5 % (by traffic), warm-up 5 s (60), split 25 % (10)"
_DEPLOY = "      drain: 3s\n"
_DEFINITION = ".sluiceway/web-shop.yaml"
CANARY = (_DEFINITION, _DEPLOY, f"{_DEPLOY}      strategy: canary\n      {ANALYSIS}\n")
BLUE_GREEN = (
    _DEFINITION,
    _DEPLOY,
    f"{_DEPLOY}      strategy: blue-green\n      blue-green: {{split: 25}}\n      checks: [{{path: /healthz}}]\n"
    f"      {ANALYSIS}\n",
)
FAULT = (
    ("shop/web.py", "import json\n", "import itertools\nimport json\n"),
    ("shop/web.py", "def healthy()", "REQUESTS = itertools.count(1)\n\n\ndef healthy()"),
    (
        "shop/web.py",
        '    if url.path == "/":\n',
        """    if url.path == "/" and next(REQUESTS) % 10 == 0:
        return 500, {"version": VERSION, "error": "the warehouse does not answer"}
    if url.path == "/":
""",
    ),
)


@dataclass(frozen=True)
class Version:
    """One push of the demo, and its expected outcome."""

    number: int
    story: str
    _: KW_ONLY
    edits: tuple[Edit, ...] = ()
    decisions: tuple[bool, ...] = (True, True)
    """The approvers' decisions in order; empty when it never gets that far."""
    outcome: str = "passed"
    stopped_by: str = ""
    live: int = 0
    """The live version afterwards."""
    strategy: str = "recreate"
    verdict: str = "live"
    """The verdict in `demo.json`."""
    proven: bool = False
    """Evidence must have shown every step to be safe."""


VERSIONS = (
    Version(1, "the first release", live=1),
    Version(
        2,
        "a wrong sum, which a test finds",
        edits=(("shop/prices.py", TAX, WRONG_TAX),),
        decisions=(),
        outcome="failed",
        stopped_by="test",
        live=1,
    ),
    Version(
        3,
        "a shell injection",
        edits=(("shop/web.py", PRICE, WEAK + PRICE),),
        decisions=(),
        outcome="failed",
        stopped_by="gate",
        live=1,
    ),
    Version(
        4,
        "fine, and rejected",
        edits=(),
        decisions=(True, False),
        outcome="refused",
        stopped_by="release-approval",
        live=1,
    ),
    Version(5, "fine, and approved", live=5),
    Version(
        6,
        "not ready in production",
        edits=(("shop/web.py", HEALTHY, UNHEALTHY),),
        outcome="rolled-back",
        stopped_by="deploy",
        live=5,
        verdict="rolled-back",
    ),
    Version(7, "fine, promoted by canary", edits=(CANARY,), live=7, strategy="canary", verdict="promoted", proven=True),
    Version(
        8,
        "fails one request in ten, found by canary",
        edits=(CANARY, *FAULT),
        outcome="rolled-back",
        stopped_by="deploy",
        live=7,
        strategy="canary",
        verdict="rolled-back",
    ),
    Version(9, "fine, switched blue-green", edits=(BLUE_GREEN,), live=9, strategy="blue-green", verdict="switched"),
)
FOR_THE_VISITOR = Version(10, "one more, which waits for you", decisions=(True,), live=9)
"""One of two approvals is there; whoever looks at the console may give the other."""
JUDGED_FROM = 7
"""From this version on, the load is high enough for the judge."""
