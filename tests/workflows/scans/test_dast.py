"""A version is attacked at its preview address before the switch; what gives way takes it back."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from activities.core import serialization as serial
from activities.core.port import Completed
from activities.scans.dast import GatedDast
from activities.scans.scanners.wapiti import Wapiti
from activities.storage.stores.folder import FolderStore
from domain.releases.spec import DastSpec
from domain.scans.findings.model import FindingKind, ScanReport, ScanState
from tests.support.machine import Machine, on_a_machine, version
from workers.core import settings

WEAK = Path(__file__).parents[2] / "support" / "weak_service.py"
ONLY_XSS = DastSpec(modules=("xss",), timeout_s=120)
needs_wapiti = pytest.mark.skipif(
    bool(Wapiti(settings.load().tools).absent()), reason="wapiti needs Python 3.12 or later, which this machine lacks"
)


@pytest.fixture
async def machine(tmp_path):
    async with on_a_machine(tmp_path) as made:
        yield made


async def attacked(machine: Machine, strong: bool):
    made = version("1", "r1", env={"STRONG": "1"} if strong else {})
    deployment = replace(made, spec=replace(made.spec, command=(sys.executable, str(WEAK))))
    await machine.start(deployment)
    address = await machine.preview(deployment)
    store = FolderStore(machine.folder_ / "reports")
    answer = await GatedDast(Wapiti(settings.load().tools), store).judged(address, ONLY_XSS)
    return answer, serial.load(ScanReport, store.get(answer.report))


@pytest.mark.system
@needs_wapiti
async def test_what_gives_way_behind_the_preview_address_closes_the_gate(machine):
    answer, report = await attacked(machine, strong=False)

    assert not answer.good
    assert "/greet" in answer.words
    (found,) = [one for one in report.findings if one.rule == "reflected-cross-site-scripting"]
    assert (found.kind, found.path, found.resource, found.cwe) == (FindingKind.DAST, "/greet", "name", "CWE-79")


@pytest.mark.system
@needs_wapiti
async def test_a_service_that_holds_passes_and_says_how_much_was_tried(machine):
    answer, report = await attacked(machine, strong=True)

    assert answer.good, answer.words
    assert report.tools[0].state is ScanState.COMPLETE
    assert report.tools[0].files_scanned >= 2


class Said:
    """An attacker that has ended, and left this."""

    name = "wapiti"

    def __init__(
        self, folder: Path, report: bytes, output: bytes = b"[+] GET http://x/ (0)", stopped: str = ""
    ) -> None:
        self._real, self._report, self._output, self._stopped = Wapiti(folder), report, output, stopped

    def absent(self) -> str:
        return ""

    def digest(self) -> str:
        return "d"

    async def run(self, address, modules, scratch, key, timeout_s) -> Completed:
        (scratch / "report.json").write_bytes(self._report)
        return Completed(0, self._output, self._stopped)

    def parse(self, address, scratch, completed):
        return self._real.parse(address, scratch, completed)


EMPTY = b"""{"classifications": {}, "vulnerabilities": {}, "anomalies": {},
 "infos": {"version": "Wapiti 3", "crawled_pages_nbr": 1}}"""


async def test_a_report_that_nothing_gave_way_passes_and_says_how_much_was_tried(tmp_path):
    """As the test of a service that holds, with what wapiti writes of one."""
    store = FolderStore(tmp_path / "s")
    attacker = Said(tmp_path, EMPTY, b"[+] GET http://x/ (0)\n[+] GET http://x/greet (1)\n")
    answer = await GatedDast(attacker, store).judged("http://x", DastSpec())
    (tool,) = serial.load(ScanReport, store.get(answer.report)).tools

    assert answer.good, answer.words
    assert tool.state is ScanState.COMPLETE
    assert tool.files_scanned >= 1


@pytest.mark.parametrize(
    ("attacker", "why"),
    [
        ({"report": b""}, "not JSON"),
        ({"report": b"[" * 100_000}, "not JSON"),
        ({"report": b"{}"}, "'classifications' is missing"),
        ({"report": EMPTY, "output": b""}, "no page of"),
        ({"report": EMPTY, "stopped": "not finished after 1 s"}, "not finished after 1 s"),
        (
            {"report": EMPTY, "output": b"[+] GET http://x/ (0)\n[~] GET http://x/a looks like a soft 404"},
            "respond like",
        ),
        ({"report": EMPTY.replace(b'"anomalies": {}', b'"anomalies": {"a": [1]}')}, "a number instead of an object"),
    ],
)
async def test_an_attack_that_proves_nothing_closes_the_gate(tmp_path, attacker, why):
    answer = await GatedDast(Said(tmp_path, **attacker), FolderStore(tmp_path / "s")).judged("http://x", DastSpec())

    assert not answer.good
    assert why in answer.words


@pytest.mark.parametrize(("skipped", "good"), [("block", False), ("allow", True)])
async def test_whether_its_absence_blocks_is_said_by_the_definition(tmp_path, skipped, good):
    dast = GatedDast(Wapiti(tmp_path / "nowhere"), FolderStore(tmp_path / "s"))
    answer = await dast.judged("http://x", DastSpec(skipped=skipped))

    assert answer.good is good
    assert "not installed" in answer.words or good
