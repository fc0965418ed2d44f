"""scan: what the pipeline's scanners say of a folder, here and now, without a server."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import SluicewayError
from domain.core.values import number
from workers.cli import scan_fixes
from workers.client.scanner_names import OPTIONAL, TOOLS
from workers.core.settings import current
from workers.views.output import Part, out, out_lines, styled

if TYPE_CHECKING:
    from domain.scans.findings.model import ScanReport
    from domain.scans.gate import GateVerdict
    from workers.client.local_scans import Documents

_NAME = re.compile(r"[a-z0-9][a-z0-9._/:-]*(@sha256:[0-9a-f]{64})?")
FORMATS = ("table", "json", "sarif", "html", "junit", "markdown", "gitlab", "cyclonedx", "spdx", "openvex")
BILLS = {"cyclonedx": "sbom", "spdx": "sbom-spdx"}
"""Format to the name of the document that a scanner has made."""
SEVERITIES = ("critical", "high", "medium", "low", "info")
COLOURS = {"critical": "red", "high": "red", "medium": "yellow", "unknown": "yellow"}


def _explained(context: click.Context, option: click.Parameter, name: str | None) -> None:
    if name and not context.resilient_parsing:
        scan_fixes.explain(name)
        context.exit()


def _writable(context: click.Context, option: click.Parameter, output: Path | None) -> Path | None:
    """Asked before the scan: nobody wants to learn it minutes later."""
    if output and not output.parent.is_dir():
        raise click.BadParameter(f"the folder {output.parent} does not exist", context, option)
    return output


@click.command()
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option(
    "--tool",
    "-t",
    "tools",
    multiple=True,
    type=click.Choice([*TOOLS, *OPTIONAL]),
    help="Use only this scanner; repeatable.",
)
@click.option("--format", "-f", "format_", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), callback=_writable, help="Write to this file."
)
@click.option("--baseline", help="A commit, or a --format json file: only findings that are new since then fail.")
@click.option("--only-new", is_flag=True, help="Report only what is new since --baseline, as for a pull request.")
@click.option("--changed", metavar="COMMIT", help="Report changes since COMMIT first, then everything.")
@click.option("--vex", multiple=True, type=click.Path(path_type=Path, exists=True), help="OpenVEX file; repeatable.")
@click.option("--fail-on", type=click.Choice([*SEVERITIES, "never"]), default="high", show_default=True)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Ignore findings in matching paths; repeatable.")
@click.option("--all", "everything", is_flag=True, help="Include files that git ignores.")
@click.option("--image", is_flag=True, help="PATH is an image, even when it is a folder (an OCI layout).")
@click.option("--registry", is_flag=True, help="PATH is an image in a registry; needs no Docker daemon.")
@click.option("--pid", is_flag=True, help="PATH is a process id: scan its root file system, such as a container's.")
@click.option("--cluster", is_flag=True, help="PATH is a registered cluster: workloads, RBAC, policies.")
@click.option("-n", "--namespace", default="", help="Namespace of the cluster.  [default: all]")
@click.option("--no-cache", is_flag=True, help="Run every scanner, even if nothing has changed.")
@click.option("--timeout", type=click.FloatRange(1), default=3_600, show_default=True, help="Seconds for each scanner.")
@click.option(
    "--fix", is_flag=True, help="Print mechanical fixes as a patch; a terminal is asked whether to write them."
)
@click.option("--write", is_flag=True, help="With --fix: write the changes without asking.")
@click.option(
    "--explain",
    metavar="FINDING",
    is_eager=True,
    expose_value=False,
    callback=_explained,
    help="Explain a rule, or a finding of the last scan by the start of its fingerprint, and exit.",
)
def scan(
    path: Path,
    tools: tuple[str, ...],
    format_: str,
    output: Path | None,
    baseline: str | None,
    only_new: bool,
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
    fix: bool,
    write: bool,
) -> None:
    """Scan PATH for weaknesses, secrets, misconfigurations and known vulnerabilities.

    PATH is a folder, a file, an image (a docker archive; an OCI layout with --image), the name of an image in the
    local Docker daemon, with --pid the number of a process, or the name of a cluster. The formats cyclonedx and spdx
    write an SBOM.

    Exit code 0: no findings at or above --fail-on, and every scanner has proven complete coverage. Exit code 1
    otherwise; scanners without complete coverage are named.
    """
    from activities.scans.local_scan import ScanOptions
    from workers.client.local_scans import ScanRequest
    from workers.worker.local_wiring import local_scanning

    wanted = ScanOptions(tools, timeout, exclude, everything, changed or "")
    kind = "cluster" if cluster else _kind(path, image, pid, registry)
    patch_of_nothing = fix and (kind, format_, output) != ("folder", "table", None)
    _contradiction(only_new and not baseline, write and not fix, patch_of_nothing)
    # a report that is known comes without the documents that were made with it
    scanning = local_scanning(current(), _progress, again=no_cache or format_ in BILLS)
    asked = ScanRequest(
        path=path, kind=kind, wanted=wanted, baseline=baseline or "", vex=vex, fail_on=fail_on, namespace=namespace
    )
    whole, verdict = asyncio.run(scanning.scan(asked))
    scan_fixes.remember(whole)
    report = _brought(whole) if only_new else whole
    if fix:
        scan_fixes.offer(path, report, write)
    else:
        _deliver(report, verdict, format_, output, scanning.documents, only_new)
    click.get_current_context().exit(0 if verdict.passed else 1)


def _deliver(
    report: ScanReport, verdict: GateVerdict, format_: str, output: Path | None, documents: Documents, only_new: bool
) -> None:
    if format_ == "table":
        _show_table(_table(report, verdict), report, output)
    else:
        _show(_written(format_, report, documents, only_new), report, output)


def _contradiction(new_of_nothing: bool, write_of_nothing: bool, patch_of_nothing: bool) -> None:
    """Options that go with others.

    Raises:
        click.UsageError: one of them is alone.
    """
    if new_of_nothing:
        raise click.UsageError("--only-new needs --baseline")
    if write_of_nothing:
        raise click.UsageError("--write goes with --fix")
    if patch_of_nothing:
        raise click.UsageError("--fix prints a patch of a folder or a file, and no report")


def _brought(report: ScanReport) -> ScanReport:
    from domain.scans.findings.pull_request import brought

    return brought(report)


def _show_table(table: list[tuple[Part, ...]], report: ScanReport, output: Path | None) -> None:
    if output:
        _show("\n".join("".join(map(str, line)) for line in table), report, output)
        return
    for line in table:
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


def _progress(text: str) -> None:
    out(styled(_plain(text), dim=True), err=True)


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


def _table(report: ScanReport, verdict: GateVerdict) -> list[tuple[Part, ...]]:
    """Lines, as parts for `out`."""
    from domain.scans.files import words

    lines: list[tuple[Part, ...]] = []
    hidden = sum(one.state == "suppressed" for one in report.findings)
    for one in report.findings:
        if one.state == "suppressed":
            continue
        where = one.place or one.package
        state = "" if not report.baseline else f" {one.state}"
        severity = styled(f"{one.severity:8}", COLOURS.get(one.severity))
        tools = ", ".join(dict.fromkeys(source.tool for source in one.said_by))
        lines.append((severity, f"{state} {_plain(where)}  {_plain(one.rule)} ({tools})"))
        lines.append((f"         {_plain(one.message)[:160]}",))
        lines += [(f"           {_plain(f'{step.path}:{step.line}  {step.text}')[:160]}",) for step in one.trace]
    if report.baseline:
        lines.append((f"{len(report.fixed)} fixed since {report.baseline}",))
    for tool in report.tools:
        files = number(tool.files_scanned, "file")
        looked = files if tool.state == "complete" else f"{tool.state}: {_plain(tool.reason)}"
        took = "unchanged since" if tool.cached else f"{tool.seconds:.1f} s"
        lines.append((f"{tool.tool} {tool.version}: {looked}, {number(tool.found, 'finding')} ({took})",))
    lines += [(_plain(line),) for line in words.lines(report.inventory)]
    head = styled("passed", "green") if verdict.passed else styled("failed", "red")
    lines += [(f"note: {_plain(note)}",) for note in report.notes]
    if hidden:
        lines.append((f"{hidden} suppressed",))
    first, *rest = verdict.reasons
    return [*lines, (head, f": {_plain(first)}"), *((f"        {_plain(reason)}",) for reason in rest)]


def _plain(text: str) -> str:
    """What a file or a scanner says, in one line; `out` takes its power over the terminal."""
    return " ".join(text.split())
