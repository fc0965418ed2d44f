"""verify and rescan: what this installation has signed about an image, and whether that is enough."""

from __future__ import annotations

import re
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from workers.cli.common import as_json, print_json, records, store, with_engine
from workers.core.settings import current

_DIGEST = re.compile(r"(?:(?P<name>.+)@)?sha256:(?P<digest>[0-9a-f]{64})")
WEEK_S = 7 * 86_400.0


@click.command()
@click.argument("image")
@click.option("--environment", "-e", help="Demand what this environment demands; default: all of it, within a week.")
@click.option("--key", type=click.Path(path_type=Path, exists=True), help="Ask the image's registry, and believe this.")
@as_json
def verify(image: str, environment: str | None, key: Path | None, json_: bool) -> None:
    """Say whether IMAGE was built, scanned and let through a gate here.

    IMAGE is NAME@sha256:…, sha256:…, or a name that the local Docker daemon knows. What counts are statements that this
    installation has signed about exactly this digest. With --key they are read from the registry of NAME@sha256:…,
    where a build pushed them, and must be signed by that public key.

    Exit code 0: all that is demanded holds. 1: it does not, and each reason is said.
    """
    from activities.docker import images
    from activities.supply_chain.attestations import Attestor
    from activities.supply_chain.image_admission import rule_of, said_in_registry, said_of
    from activities.supply_chain.signing import FileSigner
    from domain.supply_chain import image_policy as supply

    chosen = current()
    exact = _DIGEST.fullmatch(image)
    digests = {image: exact["digest"]} if exact else images.known(image).digests
    if key:
        said = said_in_registry(image, key.read_bytes())
    else:
        said = said_of(Attestor(FileSigner(chosen.signing_key), records(chosen).attestations, store(chosen)), digests)
    rule = rule_of(records(chosen).definitions, environment) if environment else supply.ImageRule(True, True, WEEK_S)
    why = supply.refusals(rule, said, time.time())
    if json_:
        print_json(
            {"image": image, "digests": digests, "demands": asdict(rule), "refusals": why, "signed": said.predicates}
        )
    else:
        for line in (*_lines(said.predicates), *(f"{click.style('no', fg='red')}: {reason}" for reason in why)):
            click.echo(line)
        click.echo(f"{image}: {click.style('refused', fg='red') if why else click.style('verified', fg='green')}")
    if why:
        raise click.exceptions.Exit(1)


def _lines(predicates: Any) -> list[str]:
    """What is known, one line for each kind of statement."""
    from domain.supply_chain import attestation

    lines = []
    if built := predicates.get(attestation.PROVENANCE):
        made = built["runDetails"]["metadata"]
        source = built["buildDefinition"]["externalParameters"]
        lines.append(f"built by {made['invocationId']} from {source['commit'][:12]}, {made['finishedOn']}")
    if scan := predicates.get(attestation.SCAN):
        tools = ", ".join(f"{tool['tool']} {tool['version']} {tool['status']}" for tool in scan["tools"])
        lines.append(f"scanned in {scan['run']}, {_moment(scan['made_at'])}: {scan['findings']} findings ({tools})")
    if gate := predicates.get(attestation.GATE):
        word = "passed" if gate["passed"] else "closed"
        lines.append(f"gate {gate['job']} of {gate['run']} {word}, {_moment(gate['made_at'])}: {gate['reason']}")
    return lines


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@click.command()
@click.option("--every", metavar="DURATION", help="Look again and again, such as 6h; 0 ends it. Default: once, now.")
@as_json
def rescan(every: str | None, json_: bool) -> None:
    """Hold what is live against the database of vulnerabilities as it is now, without pulling an image.

    Matched are the bills of materials that scans of the released commits and images have kept. What is new and bad
    enough does what the environment's `watch` says: tell people, block the image, build it again.

    And says what runs and is not as it was released: another image, files that changed, programs that came later.

    Exit code 1: something new, or drift, was found.
    """
    from datetime import timedelta

    from domain.core.values import duration_s
    from workers.client import rescans

    if every is not None:
        seconds = duration_s(every)
        wanted = timedelta(seconds=seconds) if seconds else None
        with_engine(current(), lambda engine: rescans.schedule(engine, wanted))
        click.echo(f"what runs is looked at every {every}" if seconds else "what runs is looked at by hand only")
        return
    result = with_engine(current(), rescans.rescan)
    if json_:
        print_json(asdict(result))
    else:
        for one in result.looked:
            known = one.note or f"nothing new, {one.findings} known"
            click.echo(f"{one.key}: {one.alarm.words() if one.alarm else known}")
        for drift in result.drifts:
            click.echo(drift.words())
        for line in result.did:
            click.echo(line)
        if not result.looked:
            click.echo("nothing is live")
    if result.drifts or any(one.alarm for one in result.looked):
        raise click.exceptions.Exit(1)
