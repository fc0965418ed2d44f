"""scan: what the pipeline's scanners say of a folder, here and now, without a server."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import SluicewayError
from workers.cli import scan_fixes
from workers.cli.ending import to_end
from workers.cli.panels import PanelCommand
from workers.cli.scan_options import ScanArguments, scan_options
from workers.cli.scan_progress import shown
from workers.cli.scan_table import Line, table
from workers.core.settings import current
from workers.views.output import out, out_lines

if TYPE_CHECKING:
    from domain.scans.findings.model import ScanReport
    from domain.scans.gate import GateVerdict
    from workers.client.local_scans import Documents, ScanRequest

_NAME = re.compile(r"[a-z0-9][a-z0-9._/:-]*(@sha256:[0-9a-f]{64})?")
BILLS = {"cyclonedx": "sbom", "spdx": "sbom-spdx"}
"""Format to the name of the document that a scanner has made."""


@click.command(cls=PanelCommand)
@scan_options
@click.pass_context
def scan(context: click.Context, /, **_: object) -> None:
    """Scan PATH for weaknesses, secrets, misconfigurations and known vulnerabilities.

    PATH is a folder, a file, an image (a docker archive; an OCI layout with --image), the name of an image in the
    local Docker daemon, with --pid the number of a process, or the name of a cluster. The formats cyclonedx and spdx
    write an SBOM.

    \b
    sluiceway scan                           this folder
    sluiceway scan --baseline main           fail only for what is new since main
    sluiceway scan -f html -o findings.html  a page to read and filter
    sluiceway scan --explain 3f9a1c22        what a finding means, and its fix

    \b
    Exit codes:
      0  passed: nothing at or above --fail-on, and every scanner has proven that it looked at everything
      1  failed: findings, or a scanner without complete coverage, which is named; or an error, with its code (SLWnnn)
      2  the command cannot mean that
    """
    asked = ScanArguments(**context.params)
    if asked.explain is not None:
        scan_fixes.explain(asked.explain, asked.path)
        return
    kind = "cluster" if asked.cluster else _kind(asked.path, asked.image, asked.pid, asked.registry)
    asked.check(kind)
    context.exit(0 if _scanned(asked, kind) else 1)


def _scanned(asked: ScanArguments, kind: str) -> bool:
    """Scans, and prints the report; returns whether it passed."""
    from workers.worker.local_wiring import local_scanning

    began = time.time()
    with shown(asked.quiet) as progress:
        # a report that is known comes without the documents that were made with it
        scanning = local_scanning(current(), progress, again=asked.no_cache or asked.format_ in BILLS)
        whole, verdict = to_end(scanning.scan(_request(asked, kind)))
    scan_fixes.remember(str(asked.path.resolve() if kind == "folder" else asked.path), whole, began)
    report = _brought(whole) if asked.only_new else whole
    if asked.fix:
        scan_fixes.offer(asked.path, report, asked.write)
    else:
        _deliver(asked, report, verdict, scanning.documents)
    return verdict.passed


def _request(asked: ScanArguments, kind: str) -> ScanRequest:
    from activities.scans.running.local_scan import ScanOptions
    from workers.client.local_scans import ScanRequest

    return ScanRequest(
        path=asked.path,
        kind=kind,
        wanted=ScanOptions(asked.tools, asked.timeout, asked.exclude, asked.everything, asked.changed or ""),
        baseline=asked.baseline or "",
        vex=asked.vex,
        fail_on=asked.fail_on,
        namespace=asked.namespace,
    )


def _deliver(asked: ScanArguments, report: ScanReport, verdict: GateVerdict, documents: Documents) -> None:
    if asked.format_ == "table":
        _show_table(table(report, verdict), report, asked.output)
    else:
        _show(_written(asked.format_, report, documents, asked.only_new), report, asked.output)


def _brought(report: ScanReport) -> ScanReport:
    from domain.scans.findings.pull_request import brought

    return brought(report)


def _show_table(lines: list[Line], report: ScanReport, output: Path | None) -> None:
    if output:
        _show("\n".join("".join(map(str, line)) for line in lines), report, output)
        return
    for line in lines:
        out(*line)


def _show(text: str, report: ScanReport, output: Path | None) -> None:
    if output:
        _put(output, text)
        out(f"{output}: {report.verdict}", err=True)
    else:
        out_lines(text)


def _put(output: Path, text: str) -> None:
    try:
        output.write_text(text)
    except OSError as wrong:
        raise SluicewayError("SLW889", "the report cannot be written", where=str(output), why=str(wrong)) from wrong


def _kind(path: Path, image: bool, pid: bool, registry: bool) -> str:
    """A folder never says by itself that it is an image: files of a repository would switch the other scanners off."""
    from activities.docker import images

    if pid:
        if not str(path).isdecimal():
            raise click.BadParameter(f"'{path}' is not a process id")
        return "process"
    if registry:
        if not _NAME.fullmatch(str(path)):
            raise click.BadParameter(f"'{path}' is not a valid image name")
        return "remote"
    if image or (path.is_file() and images.is_image(path)):
        return "image"
    if not path.exists() and str(path) in _clusters():
        return "cluster"
    return "name" if not path.exists() and _NAME.fullmatch(str(path)) else "folder"


def _clusters() -> list[str]:
    from activities.kubernetes.kubeconfigs import AddressBook

    return AddressBook(current().addresses).known()


def _written(format_: str, report: ScanReport, documents: Documents, only_new: bool = False) -> str:
    from workers.worker.local_wiring import report_format

    if only_new and format_ == "markdown":
        from activities.scans.formats import pull_request

        return pull_request.write(report)

    if format_ in BILLS:
        made = [tool.documents[BILLS[format_]] for tool in report.tools if BILLS[format_] in tool.documents]
        if not made:
            raise SluicewayError("SLW854", "no scanner made an SBOM", fix="include trivy")
        return documents.by_digest[made[0]].decode()
    return report_format(format_)(report)
