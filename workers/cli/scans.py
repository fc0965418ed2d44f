"""scan: what the pipeline's scanners say of a folder, here and now, without a server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from activities.scans.merge import suppressed
from domain.core.errors import SluicewayError
from domain.core.values import number
from workers.cli.common import as_json, print_json
from workers.core.settings import current

CLUSTER_TOOLS = ("trivy",)
IMAGE_TOOLS, REMOTE_TOOLS, ROOT_TOOLS = ("trivy-image",), ("trivy-registry",), ("trivy-root",)
_NAME = re.compile(r"[a-z0-9][a-z0-9._/:-]*(@sha256:[0-9a-f]{64})?")
TOOLS = ("bandit", "semgrep", "trivy", "markers")
OPTIONAL = ("gitleaks", "govulncheck")
"""Used where they are installed, and have something to look at."""
FORMATS = ("table", "json", "sarif", "html", "junit", "markdown", "gitlab", "cyclonedx", "spdx", "openvex")
BILLS = {"cyclonedx": "sbom", "spdx": "sbom-spdx"}
"""Format to the name of the document that a scanner has made."""
SEVERITIES = ("critical", "high", "medium", "low", "info")
_COLOURS = {"critical": "red", "high": "red", "medium": "yellow", "unknown": "yellow"}


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option(
    "--tool",
    "-t",
    "tools",
    multiple=True,
    type=click.Choice([*TOOLS, *OPTIONAL]),
    help="Only this scanner; repeatable.",
)
@click.option("--format", "-f", "format_", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@click.option("--baseline", help="A commit, or a file of --format json: only what is new since fails.")
@click.option("--changed", metavar="COMMIT", help="First what differs from it, said at once; then everything.")
@click.option("--vex", multiple=True, type=click.Path(path_type=Path, exists=True), help="An OpenVEX file; repeatable.")
@click.option("--fail-on", type=click.Choice([*SEVERITIES, "never"]), default="high", show_default=True)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out findings in such paths; may be repeated.")
@click.option("--all", "everything", is_flag=True, help="Files that git ignores, too.")
@click.option("--image", is_flag=True, help="PATH is an image, also when it is a folder (an OCI layout).")
@click.option("--registry", is_flag=True, help="PATH is an image in a registry; no Docker daemon is asked.")
@click.option("--pid", is_flag=True, help="PATH is a process: what it sees as its root, such as a container's.")
@click.option("--cluster", is_flag=True, help="PATH is a cluster that is known here: workloads, rights, policies.")
@click.option("-n", "--namespace", default="", help="Of a cluster; default: all.")
@click.option("--no-cache", is_flag=True, help="Run every scanner, also where nothing has changed.")
@click.option("--timeout", type=click.FloatRange(1), default=3_600, show_default=True, help="Seconds for each scanner.")
def scan(
    path: Path,
    tools: tuple[str, ...],
    format_: str,
    output: Path | None,
    baseline: str | None,
    changed: str | None,
    vex: tuple[Path, ...],
    fail_on: str,
    exclude: tuple[str, ...],
    everything: bool,
    image: bool,
    registry: bool,
    pid: bool,
    cluster: bool,
    namespace: str,
    no_cache: bool,
    timeout: float,
) -> None:
    """Scan PATH for weaknesses, secrets, misconfigurations and known vulnerabilities.

    PATH is a folder, a file, an image (a docker archive; an OCI layout with --image), the name of an image in the
    local Docker daemon, with --pid the number of a process, or the name of a cluster. The formats cyclonedx and spdx
    write the bill of materials.

    Exit code 0: nothing at or above --fail-on, and every scanner has proven that it looked at all it had to. A
    scanner that did not is named, and the exit code is 1.
    """
    from activities.scans.local_scan import Wanted

    wanted = Wanted(tools, timeout, exclude, everything, changed or "")
    kind = "cluster" if cluster else _kind(path, image, pid, registry)
    kept: dict[str, bytes] = {}
    again = no_cache or format_ in BILLS  # a report that is known comes without what else was made
    report, verdict = asyncio.run(_scan(Asked(path, kind, wanted, baseline, vex, fail_on, again, namespace), kept))
    text = _table(report, verdict) if format_ == "table" else _written(format_, report, kept)
    if output:
        output.write_text(text)
        click.echo(f"{output}: {report.verdict}", err=True)
    else:
        click.echo(text)
    if not verdict.passed:
        raise click.exceptions.Exit(1)


@dataclass(frozen=True)
class Asked:
    path: Path
    kind: str
    wanted: Any
    baseline: str | None
    vex: tuple[Path, ...]
    fail_on: str
    again: bool
    """Every scanner runs, also where its report is known."""
    namespace: str


async def _scan(asked: Asked, kept: dict[str, bytes]) -> tuple[Any, Any]:
    """What was found, and the verdict; `kept` gets what the scanners wrote beside, by digest."""
    from domain.scans import gate
    from domain.scans.findings import vex as statements
    from domain.scans.spec import GateSpec

    local, adapters = _scanners(asked, kept)
    if asked.kind == "cluster":
        report = await _of_cluster(local, str(asked.path), asked.wanted, asked.namespace)
    else:
        report = await _looked(local, adapters, asked.path, asked.wanted, asked.kind)
    report = await _compared(local, report, asked)
    report = suppressed(report, _suppressions(asked.path), datetime.fromtimestamp(time.time(), UTC).date())
    report = replace(report, merged=statements.apply(report.findings, _vex(_reviewed(asked.path, asked.vex))))
    verdict = gate.judge(GateSpec(fail_on=asked.fail_on, new_only=bool(asked.baseline)), {"here": report})
    return replace(report, verdict=f"{'passed' if verdict.passed else 'failed'}: {verdict.reasons[0]}"), verdict


def _scanners(asked: Asked, kept: dict[str, bytes]) -> tuple[Any, Any]:
    """Who scans here, and every scanner by its name."""
    from activities.scans.local_scan import LocalScan
    from activities.scans.result_cache import FolderCache
    from activities.scans.scan_runner import Scanning
    from activities.scans.scanners.registry import image_scanners, remote_scanners, root_scanners, scanners
    from activities.scans.secret_hashing import Masked, installation_key
    from activities.source.git import Mirrors

    chosen = current()
    given = chosen.tools, chosen.vulnerabilities, Masked(installation_key(chosen.scan_key))
    adapters = {
        **scanners(*given),
        **image_scanners(*given),
        **remote_scanners(*given),
        **root_scanners(*given),
    }

    async def keep(data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        kept[digest] = data
        return digest

    cache = None if asked.again else FolderCache(chosen.home / "scans")
    return LocalScan(Scanning(adapters, keep, cache), Mirrors(chosen.mirrors), _progress), adapters


async def _compared(local: Any, report: Any, asked: Asked) -> Any:
    """With what is new, still there and gone since the baseline: a file of findings, or a commit."""
    from activities.scans.local_scan import from_file
    from activities.scans.merge import against
    from activities.scans.scan_runner import listing

    if not asked.baseline:
        return report
    if Path(asked.baseline).is_file():
        before = from_file(Path(asked.baseline))
    else:
        tools = tuple(one.tool for one in report.tools)
        before = (await local.of_commit(asked.path, asked.baseline, replace(asked.wanted, tools=tools))).findings
    return against(report, before, asked.baseline, listing(asked.path))


async def _of_cluster(local: Any, name: str, wanted: Any, namespace: str) -> Any:
    """Its objects as files, and what runs in it held against what was scanned here."""
    from activities.kubernetes.client import Kube
    from activities.kubernetes.discovery import discovery
    from activities.kubernetes.kubeconfigs import AddressBook
    from activities.scans import cluster_export as cluster_scan
    from activities.storage.stores.registry import open_store
    from activities.supply_chain.attestations import Attestor
    from activities.supply_chain.signing import FileSigner
    from workers.core.records import open_records

    chosen = current()
    kube = Kube(AddressBook(chosen.addresses).find(name), discovery(chosen.clusters, name))
    store = open_store(chosen.store_address, chosen.store, chosen.store_endpoint)
    attestor = Attestor(FileSigner(chosen.signing_key), open_records(chosen).attestations, store)
    with tempfile.TemporaryDirectory(prefix="sluiceway-cluster-") as folder:
        count = cluster_scan.export(kube, Path(folder), namespace)
        _progress(f"{count} objects of {name}")
        report = await local.scan(Path(folder), replace(wanted, tools=CLUSTER_TOOLS, everything=True))
    drifted = cluster_scan.drift(kube, cluster_scan.signed_here(attestor), namespace)
    return replace(report, notes=(*report.notes, *drifted))


async def _looked(local: Any, adapters: Any, path: Path, wanted: Any, kind: str) -> Any:
    match kind:
        case "process":
            return await local.process(int(str(path)), replace(wanted, tools=ROOT_TOOLS))
        case "remote":
            return await local.remote_image(str(path), replace(wanted, tools=REMOTE_TOOLS))
        case "image":
            return await local.image(path, replace(wanted, tools=IMAGE_TOOLS))
        case "name":
            return await local.saved_image(str(path), replace(wanted, tools=IMAGE_TOOLS))
        case _:
            tools = wanted.tools or (*TOOLS, *_present(adapters, path))
            return await local.scan(path, replace(wanted, tools=tools))


def _kind(path: Path, image: bool, pid: bool, registry: bool) -> str:
    """A folder never says by itself that it is an image: files of a repository would switch the other scanners off."""
    from activities.docker import images

    if pid:
        if not str(path).isdecimal():
            raise click.BadParameter(f"'{path}' is no number of a process")
        return "process"
    if registry:
        if not _NAME.fullmatch(str(path)):
            raise click.BadParameter(f"'{path}' is no name of an image")
        return "remote"
    if image or (path.is_file() and images.is_image(path)):
        return "image"
    if not path.exists() and str(path) in _clusters():
        return "cluster"
    return "name" if not path.exists() and _NAME.fullmatch(str(path)) else "folder"


def _clusters() -> list[str]:
    from activities.kubernetes.kubeconfigs import AddressBook

    return AddressBook(current().addresses).known()


def _present(adapters: Any, path: Path) -> list[str]:
    """Optional scanners that can say something here."""
    wanted = {"gitleaks": (path / ".git").exists(), "govulncheck": (path / "go.mod").exists()}
    return [name for name in OPTIONAL if wanted[name] and not adapters[name].absent()]


def _reviewed(path: Path, given: tuple[Path, ...]) -> tuple[Path, ...]:
    """The files that were named, and the one at the top of what is scanned."""
    from domain.scans.findings.vex import FILE

    return (*given, path / FILE) if (path / FILE).is_file() else given


def _vex(paths: tuple[Path, ...]) -> list[Any]:
    """Raises:
    SluicewayError: SLW855, a file is no OpenVEX document.
    """
    from domain.scans.findings import vex

    found: list[Any] = []
    for path in paths:
        try:
            found += vex.read(json.loads(path.read_bytes()))
        except (OSError, ValueError, TypeError, RecursionError) as wrong:
            raise SluicewayError("SLW855", "the statements cannot be read", where=str(path), why=str(wrong)) from wrong
    return found


def _suppressions(path: Path) -> Any:
    """Of the file at the top of what is scanned.

    Raises:
        InvalidDefinitionError: it breaks a rule.
    """
    from domain.scans.findings.suppressions import FILE
    from pipeline_defs.documents import check
    from pipeline_defs.scans.suppressions import suppressions_of

    file = path / FILE
    if not file.is_file():
        return ()
    return suppressions_of(check(file.read_bytes(), str(file), lambda name: None).valid())


def _progress(text: str) -> None:
    click.echo(click.style(_plain(text), dim=True), err=True)


def _written(format_: str, report: Any, kept: dict[str, bytes]) -> str:
    from activities.scans.formats.registry import FORMATS

    if format_ in BILLS:
        made = [tool.documents[BILLS[format_]] for tool in report.tools if BILLS[format_] in tool.documents]
        if not made:
            raise SluicewayError("SLW854", "no scanner made a bill of materials", fix="let trivy run")
        return kept[made[0]].decode()

    return FORMATS[format_](report)


def _table(report: Any, verdict: Any) -> str:
    lines = []
    hidden = sum(one.state == "suppressed" for one in report.findings)
    for one in report.findings:
        if one.state == "suppressed":
            continue
        where = f"{one.path}:{one.line}" if one.line else one.path or one.package
        state = "" if not report.baseline else f" {one.state}"
        severity = click.style(f"{one.severity:8}", fg=_COLOURS.get(one.severity))
        tools = ", ".join(dict.fromkeys(source.tool for source in one.said_by))
        lines.append(f"{severity}{state} {_plain(where)}  {_plain(one.rule)} ({tools})")
        lines.append(f"         {_plain(one.message)[:160]}")
    if report.baseline:
        lines.append(f"{len(report.fixed)} fixed since {report.baseline}")
    for tool in report.tools:
        files = number(tool.files_scanned, "file")
        looked = files if tool.state == "complete" else f"{tool.state}: {_plain(tool.reason)}"
        took = "unchanged since" if tool.cached else f"{tool.seconds:.1f} s"
        lines.append(f"{tool.tool} {tool.version}: {looked}, {number(tool.found, 'finding')} ({took})")
    head = click.style("passed", fg="green") if verdict.passed else click.style("failed", fg="red")
    lines += [f"note: {_plain(note)}" for note in report.notes]
    if hidden:
        lines.append(f"{hidden} suppressed")
    first, *rest = verdict.reasons
    return "\n".join([*lines, f"{head}: {_plain(first)}", *(f"        {_plain(reason)}" for reason in rest)])


def _plain(text: str) -> str:
    """What a file or a scanner says may hold sequences that a terminal would act on."""
    return "".join(letter if letter.isprintable() else "?" for letter in " ".join(text.split()))


@click.command()
@as_json
def doctor(json_: bool) -> None:
    """Check every scanner: its files against what was installed, and that it finds a weakness in one small file.

    Exit code 1 when one of them cannot be trusted.
    """
    from activities.scans import self_check as checks
    from activities.scans.scanners.registry import scanners

    chosen = current()
    found = asyncio.run(checks.check(scanners(chosen.tools, chosen.vulnerabilities), chosen.tools))
    if json_:
        print_json({"scanners": [one.__dict__ for one in found], "network": checks.isolation()})
    else:
        for one in found:
            word = click.style("good", fg="green") if one.good else click.style("bad", fg="red")
            click.echo(f"{word}  {one.name} {one.version}: {_plain(one.why)} (sha256 {one.digest[:12]})")
        click.echo(checks.isolation())
    if not all(one.good for one in found):
        raise click.exceptions.Exit(1)
