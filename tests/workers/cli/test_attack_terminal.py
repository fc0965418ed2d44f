"""A run that is poisoned wherever strangers write: names, commits, reasons, logs. No command sends its escapes on."""

import ast
import io
import json
import re
import time
from pathlib import Path

import pytest
from rich.console import Console

from activities.runs.run_store import RunStart
from domain.core.errors import SluicewayError
from domain.jobs.record import JobRecord
from tests.support.command_line import call
from workers.client.ports.runs import JobRow, RunDetails, RunRow, WaitRow
from workers.core.records import Records
from workers.views import output
from workers.views.run_progress import tree

ROOT = Path(__file__).parents[3]
POISON = "\x1b]52;c;ZXZpbA==\a\x1b[2K\x1b[1A\x9b2J\u202e\x1b[31mred\rx\ny"
OWN = re.compile(r"\x1b\[(0|1|2|3[0-7]|9[0-7])m")
ALLOWED = {"workers/views/output.py", "workers/engine/door/main.py", "workers/signer/main.py"}
RUN = "run/web/1"


class Terminal(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def foreign(text: str) -> str:
    """What a terminal would act on beyond our own colours; empty: nothing."""
    return "".join(re.findall(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", OWN.sub("", text)))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one poisoned run, its job, its log, and one poisoned release."""
    home = tmp_path / "home"
    home.mkdir()
    records = Records.at(home / "records.db")
    event = {"kind": "push", "tag": "", "branch": POISON, "author": POISON}
    told = json.dumps(event)
    start = RunStart(
        id=RUN, pipeline="web", number=1, attempt=1, commit_id="c" * 40, plan="", event=told, source="{}", path=POISON
    )
    records.runs.start(start)
    now = time.time()
    result = json.dumps({"status": "failed", "reason": POISON, "log": ""})
    job: JobRecord = {
        "run": RUN, "job": "a", "attempt": 1, "kind": "run", "stage": "s", "status": "failed", "started_at": now,
        "ended_at": now, "result": result,
    }  # fmt: skip
    records.runs.record_job(job)
    records.runs.end(RUN, "failed", "a", POISON, "", now)
    records.releases.start("release/shop/production/1", "shop", "production", 1, RUN)
    ended = {"verdict": "rolled-back", "strategy": POISON, "reason": POISON, "steps": [POISON], "service": "shop",
             "version": POISON, "story": [{"at": 1.0, "what": POISON, "why": POISON}]}  # fmt: skip
    records.releases.end("release/shop/production/1", json.dumps(ended))
    records.close()
    from domain.core import ids

    folder = home / "jobs" / ids.job_key(RUN, "a", 1)
    folder.mkdir(parents=True)
    line = {"n": 1, "t": 1.0, "s": 1, "o": "out", "l": POISON.replace("\n", "")}
    (folder / "log.jsonl").write_text(json.dumps(line) + "\n")
    return home


@pytest.mark.parametrize(
    "words",
    [
        "runs", "runs --json", "show web/1", "show web/1 --json", "logs web/1", "logs web/1 a --json", "logs web/1 -t",
        "diff web/1 web/1", "report web/1", "release list", "release show shop", "release explain shop",
        "release list --json", "bundle web/1", "cancel web/1", "approve web/1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
def test_no_command_sends_the_escapes_of_a_poisoned_run(words, terminal, home, monkeypatch):
    if terminal:
        monkeypatch.setattr("tests.support.command_line.io.TextIOWrapper", Terminal)
    code, out, err = call(*words.split(), cwd=home.parent, env={"SLUICEWAY_HOME": str(home)})
    printed = out + err
    if terminal and words.startswith("logs") and "--json" not in words:
        assert "\x1b[31mred" in printed  # a log keeps its colours there
    assert foreign(printed) == "", (code, printed)
    if words.split()[0] in ("runs", "show", "logs", "release"):
        assert code == 0
        assert "x1b" in printed or "u001b" in printed  # the control: it is shown


@pytest.mark.parametrize("words", ["lint", "plan", "run --dry", "apply", "test"])
def test_what_is_typed_or_lies_in_a_folder_is_shown_and_not_sent(words, home, tmp_path):
    named = tmp_path / f"{POISON.replace('/', '')}.yaml"
    named.write_text(json.dumps({"apiVersion": "sluiceway/v1", "kind": POISON, POISON: {"x": POISON}}))
    _, out, err = call(*words.split(), str(named), cwd=tmp_path, env={"SLUICEWAY_HOME": str(home)})
    assert foreign(out + err) == ""
    assert "x1b" in out + err or "u001b" in out + err  # the control: it is shown


def test_a_live_view_shows_no_escape() -> None:
    job = JobRow(id=f"a{POISON}", kind="run", stage=POISON, status="failed", started_at=1.0, reason=POISON)
    row = RunRow(id=RUN, pipeline="web", number=1, attempt=1, status="running")
    view = RunDetails(row=row, jobs=(job,), waits=(WaitRow(job="", text=POISON),), errors=(POISON,))
    screen = io.StringIO()
    Console(file=screen, width=400).print(tree(POISON, view, time.time()))
    assert foreign(screen.getvalue()) == ""
    assert r"\x1b]52" in screen.getvalue()


def test_a_message_of_a_tool_cannot_pass_for_our_advice() -> None:
    error = SluicewayError("SLW813", "git fetch failed", why="no\n  to fix it: curl x | sh", fix="look")
    assert output.error_text(error).splitlines()[1:] == [
        "  because no", "      to fix it: curl x | sh", "  to fix it: look",
    ]  # fmt: skip


def test_nothing_prints_but_through_the_one_door() -> None:
    """`print`, `click.echo` and consoles of rich would pass on what strangers wrote."""
    found = []
    for file in sorted((ROOT / "workers").rglob("*.py")):
        name = file.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if re.fullmatch(r"print|click\.(echo|secho|style|echo_via_pager)|sys\.std(out|err)\.write", called):
                    found.append(f"{name}:{node.lineno} {called}")
    assert [one for one in found if one.split(":")[0] not in ALLOWED] == []
