"""db: builds, pulls and inspects the vulnerability database."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from workers.cli.common import as_json, print_json
from workers.core.settings import current
from workers.views.output import out

FILE = click.Path(path_type=Path, exists=True)


@click.group()
def db() -> None:
    """Build, pull or inspect the vulnerability database."""


@db.command()
@click.option(
    "--osv",
    "sources",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="An OSV export: a zip, folder or file.",
)
@click.option(
    "--advisories",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Your own advisories, in the same format.",
)
@click.option("--epss", type=click.Path(path_type=Path, exists=True), help="EPSS scores, as first.org publishes them.")
@click.option(
    "--kev",
    type=click.Path(path_type=Path, exists=True),
    help="CISA's catalog of known exploited vulnerabilities, in JSON.",
)
@as_json
def build(
    sources: tuple[Path, ...], advisories: tuple[Path, ...], epss: Path | None, kev: Path | None, json_: bool
) -> None:
    """Build the database from exports in the OSV format, such as the all.zip of an ecosystem on osv.dev.

    Accepts zip files, folders, and files with one entry or a list, in JSON or YAML. Your own advisories are merged in.
    The scanners of this home use the database from then on.
    """
    from activities.scans.advisories import database

    if epss or kev:
        from activities.scans.advisories import risk

        number = risk.build(epss, kev, current().trivy_cache)
        out(f"risks of {number:,} vulnerabilities", err=json_)
    if not sources and not advisories:
        if epss or kev:
            return
        raise click.UsageError("missing advisories: pass --osv FILE or --advisories FILE")
    began = time.monotonic()
    folder = current().trivy_cache
    updated = datetime.fromtimestamp(time.time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    made = database.build([*sources, *advisories], folder, updated)
    if json_:
        print_json({"folder": str(folder), "seconds": round(time.monotonic() - began, 1), **made.__dict__})
        return
    took = time.monotonic() - began
    out(f"{made.advisories:,} advisories for {made.packages:,} packages in {took:.1f} s")
    out(f"{folder / 'db'}: {made.size_bytes / 1e6:.1f} MB, sha256 {made.digest}")
    for why in made.skipped:
        out(f"  skipped: {why}", err=True)


@db.command()
@click.option("--from", "reference", required=True, metavar="REGISTRY/NAME:TAG", help="Source of the database.")
@as_json
def pull(reference: str, json_: bool) -> None:
    """Pull the database from a registry, such as a mirror of trivy's own (trivy-db:2).

    It replaces the database of this home. Credentials are those of `docker login` on this machine.
    """
    from activities.scans.advisories import database, mirror

    folder = current().trivy_cache
    mirror.pull(reference, folder)
    known = database.info(folder)
    if json_:
        print_json(asdict(known))
        return
    out(f"{known.size_bytes / 1e6:.1f} MB, made {known.updated_at}, sha256 {known.sha256}")


@db.command()
@as_json
def info(json_: bool) -> None:
    """Show which database the scanners use, and how old it is."""
    from activities.scans.advisories import database

    chosen = current()
    known = database.info(chosen.database or chosen.trivy_cache)
    if json_:
        print_json(asdict(known))
        return
    out(f"{known.folder}: {known.size_bytes / 1e6:.1f} MB, made {known.updated_at}, sha256 {known.sha256}")
