"""The samples of the rule pages, before the real scanners: the weak one is found by its rules, the safe one by none."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest
import yaml

from activities.core import serialization as serial
from activities.scans.port import Target
from activities.scans.running.scan_runner import Scanning
from activities.scans.scanners.registry import scanners
from activities.scans.scanners.semgrep import RULES
from activities.scans.secret_hashing import Masked
from domain.scans.dataflow.models.rules import RULES as DATAFLOW
from domain.scans.findings.model import ScanState, ToolReport
from domain.scans.rules.lookup import BY_RULE
from domain.scans.rules.model import Weakness
from domain.scans.rules.weaknesses import WEAKNESSES
from tests.support.once import once
from workers.core import settings

TOOLS = ("bandit", "semgrep")
SUFFIX = {"python": "py", "javascript": "js", "go": "go"}
OURS = {
    rule["id"]: rule for path in RULES.glob("*.yaml") for rule in yaml.load(path.read_text(), yaml.CSafeLoader)["rules"]
}


def named(one: Weakness, which: str) -> str:
    return f"{one.key.replace('-', '_')}_{which}.{SUFFIX[one.language]}"


def look(folder: Path) -> None:
    target = folder / "target"
    target.mkdir()
    for one in WEAKNESSES:
        (target / named(one, "weak")).write_text(one.weak)
        (target / named(one, "safe")).write_text(one.safe)
    scanning = Scanning(scanners(settings.load().tools, masked=Masked(b"samples")))
    for report in asyncio.run(scanning.scan(TOOLS, Target(target.resolve()), folder / "scratch", "samples", 170)):
        (folder / report.tool).write_bytes(serial.dump(report))


@pytest.fixture(scope="session")
def reported(tmp_path_factory) -> dict[str, set[str]]:
    """A sample's name to the rules that report it."""
    folder = once(tmp_path_factory, "samples-of-the-rule-pages", look)
    found: dict[str, set[str]] = {}
    for tool in TOOLS:
        report = serial.load(ToolReport, (folder / tool).read_bytes())
        assert report.state is ScanState.COMPLETE, report.reason
        for one in report.findings:
            found.setdefault(one.path, set()).add(one.rule)
    return found


@pytest.mark.parametrize("one", WEAKNESSES, ids=lambda one: one.key)
def test_the_weak_sample_is_found_by_all_our_rules_of_the_page_and_by_one_of_bandits(reported, one):
    rules = {rule for rule, _ in one.rules}
    found = reported.get(named(one, "weak"), set())

    assert rules & OURS.keys() <= found
    bandits = {rule for rule in rules if rule.startswith("B")}
    assert not bandits or bandits & found


@pytest.mark.parametrize("one", WEAKNESSES, ids=lambda one: one.key)
def test_the_safe_sample_is_found_by_no_rule_of_the_page(reported, one):
    assert not {rule for rule, _ in one.rules} & reported.get(named(one, "safe"), set())


PLUGINS = """
from bandit.core.extension_loader import MANAGER
print(*{one.plugin._test_id for one in MANAGER.plugins} | set(MANAGER.blacklist_by_id))
"""


def test_every_rule_of_code_has_a_page():
    """bandit is asked for all rules that it has: a new version's would have none."""
    python = str(settings.load().tools / "bandit" / "bin" / "python")
    bandits = subprocess.run([python, "-c", PLUGINS], capture_output=True, text=True, check=True).stdout.split()

    assert len(bandits) > 70
    assert not {*bandits, *OURS, *DATAFLOW} - BY_RULE.keys()


@pytest.mark.parametrize("rule", sorted(OURS))
def test_our_rules_say_of_themselves_what_their_page_says(rule):
    page, likelihood = BY_RULE[rule]
    metadata = OURS[rule]["metadata"]

    assert metadata["cwe"] == page.cwe
    assert (metadata["likelihood"], metadata["impact"]) == (likelihood, page.impact)
    assert metadata["confidence"] in {"low", "medium", "high"}
    assert ";" in OURS[rule]["message"] or ". " in OURS[rule]["message"], "a message says what to do"
