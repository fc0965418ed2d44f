"""tools: the scanners of this installation, each in its own folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import click

from domain.core.errors import SluicewayError
from workers.cli.common import as_json, print_json
from workers.core.settings import current
from workers.views.output import out, styled

INSTALLER = Path(__file__).parents[2] / "deploy" / "tools"
NEEDED = ("bandit", "semgrep", "trivy")
OPTIONAL = {
    "gitleaks": "secrets in the whole history; built with go",
    "govulncheck": "reachable vulnerable Go code; built with go",
    "wapiti": "DAST of a running version; requires Python 3.12",
}


@click.group()
def tools() -> None:
    """Install and list the scanners."""


@tools.command()
@click.argument("names", nargs=-1, type=click.Choice([*NEEDED, *OPTIONAL]))
def install(names: tuple[str, ...]) -> None:
    """Install scanners: those that every scan needs, or those that are named.

    Python tools are installed from locks with file hashes; Go tools are built once per machine, at a pinned version
    that is verified by Go's checksum database.
    """
    folder = current().tools
    for name in names or NEEDED:
        out(f"{name} …", err=True)
        env = {**os.environ, "SLUICEWAY_TOOLS": str(folder)}
        done = subprocess.run([str(INSTALLER), name], env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            why = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or [f"exit code {done.returncode}"]
            raise SluicewayError("SLW858", f"{name} could not be installed", where=str(folder), why=why[0])
        out(f"{name} is in {folder / name}")


@tools.command("list")
@as_json
def list_(json_: bool) -> None:
    """List scanners, and whether they are installed. `sluiceway doctor` verifies them."""
    folder = current().tools
    words = dict.fromkeys(NEEDED, "used by every scan") | OPTIONAL
    found = [{"name": name, "installed": (folder / name / "bin").is_dir(), "what": words[name]} for name in words]
    if json_:
        print_json({"folder": str(folder), "tools": found})
        return
    for one in found:
        state = styled("installed", "green") if one["installed"] else "absent   "
        out(state, f"  {one['name']:<12} {one['what']}")
