"""The door: names of commands, lazily loaded, and the one place where an error becomes a text and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, NoReturn

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("start:run", "Start a run and follow it."),
    "runs": ("runs:runs", "List runs."),
    "show": ("runs:show", "Show a run: jobs, reasons, what is awaited."),
    "logs": ("logs:logs", "Print or follow logs."),
    "report": ("runs:report", "Write a run's report, or say where it is."),
    "bundle": ("evidence:bundle", "Put all evidence of a run into one file, or check one."),
    "cancel": ("runs:cancel", "Stop a run and all its processes."),
    "rerun": ("reruns:rerun", "Start a new attempt of a run, from where it failed or from a job."),
    "diff": ("reruns:diff", "Compare two attempts of a run."),
    "queues": ("queues:queues", "Show who holds and who waits for places in concurrency groups."),
    "approve": ("approvals:approve", "Approve what a run waits for."),
    "reject": ("approvals:reject", "Reject what a run waits for."),
    "decision": ("approvals:decision", "Sign a decision for the Temporal UI or CLI."),
    "identity": ("approvals:identity_", "Register who may decide."),
    "release": ("releases:release", "Watch, steer and explain releases."),
    "cluster": ("clusters:cluster", "Create, watch, change and delete clusters."),
    "volume": ("volumes:volume", "Claim volumes of clusters, grow them, keep and let them go."),
    "pod": ("pods:pod", "Run, watch and end pods of clusters."),
    "judge": ("judge:judge", "Judge recorded ticks again."),
    "lint": ("definitions:lint_", "Check definitions; every problem in one pass."),
    "test": ("pipeline_tests:test_", "Play unit tests of pipelines, in virtual time."),
    "scan": ("scans:scan", "Scan a folder: weaknesses, secrets, misconfigurations, vulnerabilities."),
    "tools": ("tools:tools", "Install and list the scanners."),
    "doctor": ("scans:doctor", "Check the scanners: what was installed, and that each finds what it must."),
    "rescan": ("images:rescan", "Hold what runs against the database of vulnerabilities as it is now."),
    "verify": ("images:verify", "Say whether an image was built, scanned and let through here."),
    "db": ("advisories:db", "The database of known vulnerabilities: build, pull, info."),
    "plan": ("definitions:plan", "Show what would run, and why."),
    "schema": ("definitions:schema", "Print the JSON Schema of definitions."),
    "apply": ("triggers:apply", "Register pipelines and environments."),
    "hook": ("triggers:hook", "Start runs from pushes to a repository."),
    "watch": ("watch:watch", "Start runs from a repository that cannot have a hook."),
    "up": ("engine:up", "Start the engine of this home."),
    "down": ("engine:down", "Stop it, and all that it runs."),
    "worker": ("engine:worker", "Run a worker in the foreground, as one version of several."),
    "status": ("engine:status", "Say what runs, and where."),
    "gc": ("evidence:gc", "Remove what nothing refers to any longer."),
    "explain": ("explain:explain", "Say what an error code means, and what to do."),
    "completion": ("engine:completion", "Print the completion script of a shell."),
    "demo": ("demo:demo", "Nine versions of a sample service, from push to production."),
}
"""Command to `module:attribute`, and the line that help shows without loading it."""


class Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(f"workers.cli.{module}"), attribute)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as unknown:
            from domain.core.values import closest

            meant = closest(args[0], COMMANDS) if args else ""
            hint = f" Did you mean '{meant}'?" if meant and "Did you mean" not in unknown.message else ""
            raise click.UsageError(f"{unknown.message}{hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option("0.1.0", prog_name="sluiceway")
def cli() -> None:
    """From a pushed commit to a released service, durably.

    Exit codes: 0 passed, 1 failed, 2 definition or usage, 3 refused or expired approval, 4 rolled back, 5 engine
    unreachable. SLUICEWAY_HOME chooses the engine; SLUICEWAY_ADDRESS an existing Temporal.
    """


def main() -> NoReturn:
    code = _run()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = code or 1
    os._exit(code)  # the SDK's threads can crash the interpreter while it shuts down


def _run() -> int:
    from domain.core.errors import SluicewayError

    try:
        code = cli.main(standalone_mode=False)
        return code if isinstance(code, int) else 0
    except SluicewayError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.Abort:
        click.echo("stopped", err=True)
        return 130
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        return 130
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except BrokenPipeError:
        return 0
