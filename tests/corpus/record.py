"""`python -m tests.corpus.record`: what the real scanners say of the corpus and of the samples, kept for tests.

Kept per file, so that a test may put the files together as it likes (tests/support/recorded_scanners.py replays them).
tests/contracts/scanners holds what is kept against the real tools.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from activities.scans.port import Target
from activities.scans.running.scan_runner import VIEW, Scanning
from activities.scans.scanners.registry import scanners
from activities.scans.running.sandbox import files, relative
from activities.scans.secret_hashing import Masked
from activities.scans.scanners.semgrep import SUFFIXES
from activities.source import git
from activities.source.mirrors import Mirrors
from domain.scans.findings.model import ToolReport
from tests import corpus
from tests.corpus import samples
from workers.core import settings

FOLDER = Path(__file__).parents[1] / "contracts" / "scanners" / "recorded"
TOOLS = ("bandit", "semgrep", "trivy")
LIMIT_S = 170
Recording = dict[str, Any]
"""`version` of the tool, and `files`: a file's key to its `results` and `errors`."""


def key(path: Path) -> str:
    """By the file's text; by the end of its name too, which says what a tool takes it for."""
    return key_of(path.suffix, path.read_bytes())


def key_of(suffix: str, data: bytes) -> str:
    return hashlib.sha256(f"{suffix} ".encode() + data).hexdigest()


def concerns(tool: str, path: Path) -> bool:
    """Whether a tool says something of such a file."""
    if tool == "bandit":
        return path.suffix == ".py"
    return tool == "trivy" or path.name.endswith(SUFFIXES)


def tree(folder: Path) -> Path:
    """A checkout of the corpus, of the samples and of all that should switch the scanners off."""
    repo = folder / "repo"
    for name, data in _texts():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_bytes(data)
    git.git("init", "-q", str(repo))
    git.git("add", "-A", "-f", cwd=repo)
    git.git("-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", "x", cwd=repo)
    Mirrors(folder / "mirrors").checkout(str(repo), git.resolve(repo, "HEAD"), folder / "target")
    return (folder / "target").resolve()


def _texts() -> Iterator[tuple[str, bytes]]:
    for name, text in {**samples.FILES, **samples.SWITCHES}.items():
        yield name, text.encode()
    for folder in corpus.FOLDERS:
        for path in sorted((corpus.ROOT / folder).iterdir()):
            if path.is_file():
                yield path.relative_to(corpus.ROOT).as_posix(), path.read_bytes()


async def looked(tools: tuple[str, ...], target: Path, scratch: Path) -> list[ToolReport]:
    """What the real tools say of it; what they have written themselves is left below the scratch folder."""
    adapters = scanners(settings.load().tools, masked=Masked(b"corpus"))
    return await Scanning(adapters).scan(tools, Target(target), scratch, "record", LIMIT_S)


def split(tool: str, target: Path, scratch: Path) -> Recording:
    """A tool's own report, by files, without what differs from one look to the next."""
    report = json.loads((scratch / tool / "report.json").read_bytes())
    target = target if tool == "trivy" else (scratch / VIEW).resolve()
    made: dict[str, dict[str, list[Any]]] = {
        key(path): {"results": [], "errors": []} for path in files(target) if concerns(tool, path)
    }
    for what, name, one in _SPLITTERS[tool](report, target):
        made[key(target / name)][what].append(one)
    return {"version": _version(report), "files": dict(sorted(made.items()))}


def _version(report: Mapping[str, Any]) -> str:
    return str(report.get("version") or report.get("Trivy", {}).get("Version", ""))


Pieces = Iterator[tuple[str, str, dict[str, Any]]]


def _bandit(report: Mapping[str, Any], target: Path) -> Pieces:
    for what in ("results", "errors"):
        for one in report[what]:
            one.pop("code", None)
            yield what, relative(one.pop("filename"), target), one


def _semgrep(report: Mapping[str, Any], target: Path) -> Pieces:
    for one in sorted(report["results"], key=lambda one: (one["start"]["offset"], one["check_id"])):
        one["extra"].pop("metavars")
        _without_paths(one["extra"].get("dataflow_trace"))
        yield "results", relative(one.pop("path"), target), one
    for one in report["errors"]:
        yield "errors", relative(one["location"].pop("path"), target), one


def _without_paths(found: Any) -> None:
    """Takes the paths of this machine out of a trace."""
    for one in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        _without_paths(one)
    if isinstance(found, dict):
        found.pop("path", None)


def _trivy(report: Mapping[str, Any], target: Path) -> Pieces:
    for result in report["Results"]:
        for found in (*result.get("Secrets", ()), *result.get("Misconfigurations", ())):
            found.pop("Code", None)
            found.get("CauseMetadata", {}).pop("Code", None)
        if (target / result["Target"]).is_file():  # some results are about the whole tree
            yield "results", result.pop("Target"), result


_SPLITTERS: Mapping[str, Callable[[Mapping[str, Any], Path], Pieces]] = {
    "bandit": _bandit,
    "semgrep": _semgrep,
    "trivy": _trivy,
}


def recorded(tool: str) -> Recording:
    found: Recording = json.loads((FOLDER / f"{tool}.json").read_bytes())
    return found


async def broken(folder: Path) -> Recording:
    """bandit alone, on what it cannot read: then its whole scan is incomplete, so it looks at this by itself."""
    target = (folder / "broken").resolve()
    target.mkdir()
    (target / "broken.py").write_text(samples.BROKEN)
    await looked(("bandit",), target, folder / "scratch-of-broken")
    return split("bandit", target, folder / "scratch-of-broken")


def write(tool: str, made: Recording) -> None:
    """A line for each file, so that a change of one is a change of one line."""
    lines = (f"{json.dumps(name)}: {json.dumps(one, sort_keys=True)}" for name, one in sorted(made["files"].items()))
    text = ",\n".join(lines)
    version = json.dumps(made["version"])
    (FOLDER / f"{tool}.json").write_text(f'{{"version": {version}, "files": {{\n{text}\n}}}}\n')


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        target = tree(folder)
        for report in await looked(TOOLS, target, folder / "scratch"):
            made = split(report.tool, target, folder / "scratch")
            if report.tool == "bandit":
                made["files"] |= (await broken(folder))["files"]
            write(report.tool, made)
            print(f"{report.tool}: {report.state}, {len(made['files'])} files, {len(report.findings)} findings")


if __name__ == "__main__":
    asyncio.run(main())
