"""exec: sessions in containers, near and far: opened, listed, shown, ended, and their recordings."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.pods.exec_session import ExecTarget
from workers.cli.exec_terminal import attached
from workers.cli.session import ask, is_near, pages
from workers.cli.shown import as_json, limited, print_json, rows, took, when
from workers.client.ports.terminals import ExecEnd
from workers.views.output import out, out_lines, out_stream

if TYPE_CHECKING:
    from workers.client.ports.client import Client

BY_OWNER = "by hand, by the owner of the home"
"""The reason where a command in the home itself gives none."""
session_argument = click.argument("id_", metavar="ID")


@click.command("exec")
@click.argument("cluster")
@click.argument("pod")
@click.option("-c", "--container", default="main", show_default=True, help="Container.")
@click.option("-n", "--namespace", default="default", show_default=True, help="Namespace.")
@click.option("-t", "--tty", is_flag=True, help="With a terminal, and input.")
@click.option("--reason", default="", help="Why: it stands in the audit. A server asks for one.")
@click.argument("command", nargs=-1, required=True)
def open_(
    cluster: str, pod: str, container: str, namespace: str, tty: bool, reason: str, command: tuple[str, ...]
) -> None:
    """Run a command in a container. It is in the audit before it runs, and what it shows is recorded."""
    target = ExecTarget(cluster=cluster, namespace=namespace, pod=pod, container=container, command=command, tty=tty)
    why = reason or (BY_OWNER if is_near() else "")

    async def run(client: Client) -> ExecEnd:
        ticket = await client.terminals.ask(target, why)
        return await attached(client.terminals, ticket.secret, tty=tty)

    end = ask(run)
    if end.code is None:
        out(end.why, err=True)
    raise click.exceptions.Exit(1 if end.code is None else end.code)


@click.group("exec")
def exec_() -> None:
    """Sessions in containers: who runs what, and what was shown."""


exec_.add_command(open_, "open")


@exec_.command("list")
@click.option("--running", is_flag=True, help="Only those under way.")
@limited
@as_json
def list_(running: bool, limit: int, json_: bool) -> None:
    """List sessions, newest first: yours, and those in clusters that you may change."""
    found = pages(limit, lambda client, page: client.terminals.list(page, running=running))
    if json_:
        print_json(found)
        return
    table = [
        (
            one.id,
            one.person.partition(":")[2],
            f"{one.cluster}/{one.namespace}/{one.pod}/{one.container}",
            when(one.begun_at),
            took(one.begun_at, one.ended_at),
            one.why or "running",
            one.reason[:60],
        )
        for one in found
    ]
    rows(table, "there is no exec session that you may see")


@exec_.command("show")
@session_argument
@as_json
def show(id_: str, json_: bool) -> None:
    """Show who ran what, why, and how it ended."""
    one = ask(lambda client: client.terminals.show(id_))
    if json_:
        print_json(one)
        return
    out(f"{one.id}  {one.person}  {one.cluster}/{one.namespace}/{one.pod}/{one.container}")
    out(f"  {shlex.join(one.command)}: {one.reason}")
    ended = f"{one.why}{'' if one.exit_code is None else f' (exit code {one.exit_code})'}"
    out(f"  {when(one.begun_at)}  {took(one.begun_at, one.ended_at)}  {ended or 'running'}")


@exec_.command("end")
@session_argument
@click.option("--reason", default="", help="Shown on its terminal.")
def end(id_: str, reason: str) -> None:
    """End a session within seconds: yours, or one in a cluster that you may change."""
    one = ask(lambda client: client.terminals.end(id_, reason))
    out(f"{one.id} ends")


@exec_.command("recording")
@session_argument
@click.option("--output", type=click.Path(path_type=Path), help="File; without it, the standard output.")
def recording(id_: str, output: Path | None) -> None:
    """Get what a session showed, as asciicast: `asciinema play FILE` plays it."""
    text = ask(lambda client: client.terminals.recording(id_))
    if output:
        output.touch(mode=0o600)  # secrets that a command prints are in it
        output.write_text(text)
    elif sys.stdout.isatty():
        out_lines(text, nl=False)
    else:
        out_stream(text.encode())  # as it is, for a file or a pipe
