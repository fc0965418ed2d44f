"""The options of `sluiceway scan`, in panels, and what they say together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import click

from workers.cli.panels import panel
from workers.client.scanner_names import OPTIONAL, TOOLS

FORMATS = ("table", "json", "sarif", "html", "junit", "markdown", "gitlab", "cyclonedx", "spdx", "openvex")
SEVERITIES = ("critical", "high", "medium", "low", "info")
_target, _scanners, _report = panel("Target"), panel("Scanners"), panel("Report")
_gate, _fix = panel("Gate"), panel("Explain and fix")
_Command = Callable[..., None]


@dataclass(frozen=True, kw_only=True)
class ScanArguments:
    """What was typed."""

    path: Path
    everything: bool
    exclude: tuple[str, ...]
    image: bool
    registry: bool
    pid: bool
    cluster: bool
    namespace: str
    tools: tuple[str, ...]
    timeout: float
    no_cache: bool
    changed: str | None
    format_: str
    output: Path | None
    only_new: bool
    quiet: bool
    baseline: str | None
    fail_on: str
    vex: tuple[Path, ...]
    explain: str | None
    fix: bool
    write: bool

    def check(self, kind: str) -> None:
        """Refuses options that say nothing alone. `kind`: of the target.

        Raises:
            click.UsageError: an option goes with another one.
        """
        if self.only_new and not self.baseline:
            raise click.UsageError("--only-new needs --baseline")
        if self.write and not self.fix:
            raise click.UsageError("--write goes with --fix")
        if self.fix and (kind, self.format_, self.output) != ("folder", "table", None):
            raise click.UsageError("--fix prints a patch of a folder or a file, and no report")
        if self.changed is not None and (kind != "folder" or self.path.is_file()):
            raise click.UsageError("--changed needs a folder in a git repository")


def _writable(context: click.Context, option: click.Parameter, output: Path | None) -> Path | None:
    """Asked before the scan: nobody wants to learn it minutes later."""
    if output and not output.parent.is_dir():
        raise click.BadParameter(f"the folder {output.parent} does not exist", context, option)
    return output


_OPTIONS = (
    click.argument("path", type=click.Path(path_type=Path), default="."),
    _target("--all", "everything", is_flag=True, help="Include files that git ignores."),
    _target("--exclude", multiple=True, metavar="PATTERN", help="Ignore findings in matching paths; repeatable."),
    _target("--image", is_flag=True, help="PATH is an image, even when it is a folder (an OCI layout)."),
    _target("--registry", is_flag=True, help="PATH is an image in a registry; needs no Docker daemon."),
    _target("--pid", is_flag=True, help="PATH is a process id: scan its root file system, such as a container's."),
    _target("--cluster", is_flag=True, help="PATH is a registered cluster: workloads, RBAC, policies."),
    _target("-n", "--namespace", default="", help="Namespace of the cluster.  [default: all]"),
    _scanners(
        "--tool",
        "-t",
        "tools",
        multiple=True,
        type=click.Choice([*TOOLS, *OPTIONAL]),
        metavar="TOOL",
        help=f"Use only this scanner; repeatable. One of {', '.join(TOOLS)}; if installed: {', '.join(OPTIONAL)}.",
    ),
    _scanners(
        "--timeout", type=click.FloatRange(1), default=3_600, show_default=True, help="Seconds for each scanner."
    ),
    _scanners("--no-cache", is_flag=True, help="Run every scanner, even if nothing has changed."),
    _scanners("--changed", metavar="COMMIT", help="Report what differs from COMMIT first, then everything."),
    _report(
        "--format",
        "-f",
        "format_",
        type=click.Choice(FORMATS),
        metavar="FORMAT",
        default="table",
        show_default=True,
        help=f"One of {', '.join(FORMATS)}.",
    ),
    _report(
        "--output",
        "-o",
        type=click.Path(path_type=Path, dir_okay=False),
        callback=_writable,
        help="Write to this file.",
    ),
    _report("--only-new", is_flag=True, help="Report only what is new since --baseline, as for a pull request."),
    _report("--quiet", "-q", is_flag=True, help="No progress; only the report, and errors."),
    _gate(
        "--fail-on",
        type=click.Choice([*SEVERITIES, "never"]),
        default="high",
        show_default=True,
        help="The lowest severity that fails.",
    ),
    _gate(
        "--baseline",
        metavar="COMMIT|FILE",
        help="A commit, or a report of --format json: only what is new since then fails, and secrets.",
    ),
    _gate("--vex", multiple=True, type=click.Path(path_type=Path, exists=True), help="OpenVEX file; repeatable."),
    _fix(
        "--explain",
        metavar="FINDING",
        help="Explain a rule, or a finding of the last scan of PATH by the start of its fingerprint, and exit.",
    ),
    _fix("--fix", is_flag=True, help="Print mechanical fixes as a patch; a terminal is asked whether to write them."),
    _fix("--write", is_flag=True, help="With --fix: write the changes without asking."),
)


def scan_options(command: _Command) -> _Command:
    """Adds them all, in this order."""
    return reduce(lambda made, option: option(made), reversed(_OPTIONS), command)
