"""The entry point: lazily loaded commands, and the one place that turns errors into text and an exit code."""

from __future__ import annotations

import gc
import importlib
import io
import os
import sys
from typing import NoReturn

import click

from domain.core.version import VERSION
from workers.cli.placed import META, placed, server_in
from workers.views.output import out, out_error, out_lines

GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "Run pipelines": {
        "run": ("start:run", "Start a run and follow it."),
        "runs": ("runs:runs", "List runs."),
        "show": ("runs:show", "Show the jobs of a run, their results, and what it is waiting for."),
        "logs": ("logs:logs", "Print or follow the logs of a run."),
        "cancel": ("runs:cancel", "Cancel a run and stop its processes."),
        "rerun": ("reruns:rerun", "Run the failed jobs of a run again, or all of them."),
        "diff": ("reruns:diff", "Compare two attempts of a run."),
        "report": ("runs:report", "Get the HTML report of a run."),
        "bundle": ("evidence:bundle", "Export the evidence of a run to one file, or verify such a file."),
        "queues": ("queues:queues", "Show concurrency groups: who holds a slot, and who is waiting."),
    },
    "Write pipelines": {
        "lint": ("definitions:lint_", "Check definitions for errors."),
        "plan": ("definitions:plan", "Show which jobs an event would run, and why."),
        "test": ("pipeline_tests:test_", "Run the unit tests of pipelines in virtual time."),
        "schema": ("definitions:schema", "Print the JSON Schema of definitions."),
        "apply": ("applying:apply", "Register environments, policies and pipeline schedules."),
        "hook": ("triggers:hook", "Start runs from pushes to a Git repository."),
        "watch": ("watch:watch", "Start runs by polling a repository that cannot have a hook."),
    },
    "Release": {
        "release": ("releases:release", "List, watch, explain, pause, promote, abort and roll back releases."),
        "render": ("render:render", "Show what a deploy job would apply to a cluster."),
        "import": (
            "imports:import_",
            "Convert releases of Argo Rollouts or Flagger to an environment and a deploy job.",
        ),
        "judge": ("judge:judge", "Judge recorded or simulated canaries."),
    },
    "Scan": {
        "scan": ("scans:scan", "Scan a folder, image or cluster for vulnerabilities, secrets and misconfigurations."),
        "findings": ("findings:findings", "Work through the findings of default branches: owners, limits, baselines."),
        "rescan": ("images:rescan", "Check running releases against the current vulnerability database."),
        "verify": ("images:verify", "Verify that an image was built, scanned and approved by a gate here."),
        "db": ("advisories:db", "Build, pull or inspect the vulnerability database."),
        "tools": ("tools:tools", "Install and list scanners."),
        "doctor": ("doctor:doctor", "Check that the scanners are intact and work, and what is weak on this machine."),
    },
    "Clusters": {
        "cluster": ("clusters:cluster", "Create, scale, upgrade, repair and delete Kubernetes clusters."),
        "fleet": ("fleet:fleet", "See what is wrong in which cluster, why, and since when; search everything."),
        "pod": ("pods:pod", "Run, list, follow, restart, exec into and delete pods."),
        "exec": ("exec_sessions:exec_", "Open, list and end sessions in containers; get their recordings."),
        "request": (
            "requests:request",
            "Ask for quotas, limits, network exceptions, priority classes; list and end them.",
        ),
        "volume": ("volumes:volume", "Create, expand, snapshot and delete persistent volume claims."),
    },
    "Access": {
        "approve": ("approvals:approve", "Approve what a run or release is waiting for."),
        "reject": ("approvals:reject", "Reject what a run or release is waiting for."),
        "decide": ("decisions:decide", "Send a decision that was signed with a key of your own."),
        "inbox": ("approvals:inbox", "List what waits for your decision."),
        "decision": ("decisions:decision", "Sign a decision to send from the Temporal UI or CLI, or elsewhere."),
        "identity": ("identities:identity_", "Manage the identities that may approve."),
        "policy": ("policies:policy", "See registered policies, and what holds for a push."),
        "suppression": ("suppressions:suppression", "Sign suppressions and VEX statements, so that they count."),
        "secret": ("secrets:secret", "Keep secrets, and say which runs may have them."),
        "environment": ("environments:environment", "Manage the environments that may be deployed to."),
    },
    "People": {
        "login": ("login:login", "Log in to a server, with a key of yours or with a token."),
        "logout": ("login:logout", "End the login at a server."),
        "whoami": ("login:whoami", "Show the server that commands ask, and whom it takes you for."),
        "access": ("access:access", "See who may do what and why; grant, share and revoke."),
        "people": ("people:people", "See and invite people; identity providers, trusted issuers."),
        "session": ("sessions:session", "See and end logins."),
        "token": ("sessions:token", "Make, list and revoke machine tokens."),
        "recover": ("people:recover", "Let an administrator in again who lost every key, on the host."),
    },
    "Engine": {
        "up": ("engine:up", "Start the engine."),
        "down": ("engine:down", "Stop the engine and everything it runs."),
        "status": ("engine:status", "Show whether the engine is running, and its addresses."),
        "dial-out": ("dial_out:dial_out", "Run the worker in a cluster that dials out, in the foreground."),
        "server": ("server:server", "Serve the console and the API to people."),
        "worker": ("engine:worker", "Run an additional worker in the foreground."),
        "keys": ("keys:keys", "Rotate the keys that the engine's messages are sealed with."),
        "audit": ("audit:audit", "Show who did what, prove entries, and verify that nothing was changed."),
        "signer": ("signer:signer", "Show and verify what was permitted, attested and refused."),
        "gc": ("evidence:gc", "Delete expired logs, artifacts and evidence."),
        "explain": ("explain:explain", "Explain an error code, and how to fix the error."),
        "completion": ("completion:completion", "Print a shell completion script."),
        "demo": ("demo:demo", "Run the demo: nine versions of a sample service, from push to production."),
    },
}
"""The groups of the help, in order: commands, each with its `module:attribute` and one line."""
GC_THRESHOLD = 100_000
"""New objects between two collections: what a command imports stays, and looking through it is a tenth of its time."""
COMMANDS = {name: entry for group in GROUPS.values() for name, entry in group.items()}


class Lazy(click.Group):
    """Imports a command's module when it is used, to start fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of `GROUPS`, not alphabetically."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Imports the command's module; None: unknown command."""
        if name not in COMMANDS:
            return None
        module, _, attribute = placed(name, COMMANDS[name][0], ctx).partition(":")
        command: click.Command = getattr(importlib.import_module(f"workers.cli.{module}"), attribute)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click, with `--server URL` taken from wherever it stands before `--`."""
        ctx.meta[META], args = server_in(args)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Like click, with the closest command in the message.

        Raises:
            click.UsageError: unknown command.
        """
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as unknown:
            from domain.core.values import closest

            meant = closest(args[0], COMMANDS) if args else ""
            hint = f" Did you mean '{meant}'?" if meant and "Did you mean" not in unknown.message else ""
            raise click.UsageError(f"{unknown.message}{hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes one section for each group of commands."""
        width = max(map(len, COMMANDS))
        for group, commands in GROUPS.items():
            with formatter.section(group):
                formatter.write_dl([(name.ljust(width), text) for name, (_, text) in commands.items()])


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(VERSION, prog_name="sluiceway")
def cli() -> None:
    """Build, scan, approve and release, from a pushed commit to production.

    Exit codes: 0 passed, 1 failed, 2 invalid definition or usage, 3 approval rejected or expired, 4 rolled back,
    5 engine unreachable. SLUICEWAY_HOME selects the engine, SLUICEWAY_ADDRESS an existing Temporal server.
    --server URL, or SLUICEWAY_SERVER, asks a server far away: see `sluiceway login`.
    """


def main() -> NoReturn:
    """The entry point `sluiceway`; exits with the command's exit code."""
    gc.set_threshold(GC_THRESHOLD)
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
        code = cli.main(standalone_mode=False, color=False if os.environ.get("NO_COLOR") else None)
        return code if isinstance(code, int) else 0
    except SluicewayError as error:
        out_error(error)
        return error.exit_code
    except click.exceptions.Exit as left:
        return left.exit_code
    except SystemExit as left:  # click's own, when nobody reads the output any more
        return left.code if isinstance(left.code, int) else 1
    except click.Abort:
        out("stopped", err=True)
        return 130
    except KeyboardInterrupt:
        out("stopped", err=True)
        return 130
    except click.ClickException as wrong:
        said = io.StringIO()
        wrong.show(said)
        out_lines(said.getvalue(), err=True, nl=False)
        return 2
    except BrokenPipeError:
        return 0
