"""release import: a Deployment that runs already becomes the first version of a service, and its undo."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core.errors import RefusedError, SluicewayError
from workers.cli.common import with_engine
from workers.cli.host import on_host
from workers.cli.recorded import recorded
from workers.cli.release_end import ended, recorded_at
from workers.cli.session import ask
from workers.cli.shown import as_json, print_json
from workers.client.ports.keys import new_key
from workers.core.settings import current
from workers.views.output import out
from workers.views.style import coloured

if TYPE_CHECKING:
    from domain.releases.deployment import Deployment
    from domain.releases.kubernetes.adoption import Asked, Plan
    from domain.releases.kubernetes.place import Place
    from workers.client.client import Engine
    from workers.client.ports.client import Client
    from workers.client.ports.releases import ReleaseRow


@click.command("import")
@click.argument("service")
@click.option("--environment", "-e", required=True, help="Where it becomes a release; its place is where it runs.")
@click.option("--deployment", "workload", default="", help="Name of the Deployment.  [default: SERVICE]")
@click.option("--service", "led_by", default="", help="The Service that leads to it, where there are several.")
@click.option("--route", default="", help="The HTTPRoute that leads to it, and gives way.")
@click.option("--ingress", default="", help="An Ingress that leads to it; it stays, and DNS is yours to switch.")
@click.option(
    "--router",
    type=click.Choice(["gateway-api", "istio"]),
    default="gateway-api",
    show_default=True,
    help="Of releases.",
)
@click.option(
    "--ends",
    type=click.Choice(["scale", "delete"]),
    default="scale",
    show_default=True,
    help="What becomes of the Deployment when nobody goes back to it: 0 pods, or gone.",
)
@click.option("--undo", is_flag=True, help="Leave it as it was before it was imported.")
@click.option("--dry-run", is_flag=True, help="Show the plan alone.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@as_json
@on_host
def import_(
    service: str,
    environment: str,
    workload: str,
    led_by: str,
    route: str,
    ingress: str,
    router: str,
    ends: str,
    undo: bool,
    dry_run: bool,
    yes: bool,
    json_: bool,
) -> None:
    """Make a Deployment that runs the first version of SERVICE, r0, without a request lost.

    No pod is touched and nothing is relabelled: a Service of the version leads to the pods that run, and a route of the
    environment to that. The next release stands beside it, is judged against it, and can be taken back to it.
    """
    if undo:
        if not yes:
            click.confirm(f"Undo the import of {service} into {environment}?", abort=True)
        id_ = _given_back(environment=environment, service=service)
        print_json({"release": id_, "undone": True}) if json_ else out(f"{id_} is undone: it runs as before")
        return
    from domain.releases.kubernetes.adoption import Asked
    from domain.releases.kubernetes.place import Ends

    asked = Asked(
        service=service,
        environment=environment,
        workload=workload or service,
        place=_place(environment),
        router=router,
        led_by=led_by,
        route=route,
        ingress=ingress,
        ends=Ends(ends),
    )
    _import(asked, dry_run=dry_run, yes=yes, json_=json_)


def _import(asked: Asked, *, dry_run: bool, yes: bool, json_: bool) -> None:
    plan = _planned(asked)
    if not json_:
        _tell(plan)
    if plan.refusals or plan.deployment is None:
        if json_:
            print_json(asdict(plan))
        raise SluicewayError("SLW968", f"{asked.workload} is not imported", why="; ".join(plan.refusals))
    if dry_run:
        if json_:
            print_json(asdict(plan))
        return
    if not yes:
        click.confirm("Import it?", abort=True)
    row = _imported(environment=asked.environment, deployment=plan.deployment)
    if json_:
        print_json({**asdict(plan), "release": row.id, "verdict": row.verdict, "reason": row.reason})
    else:
        out(f"{row.id}: ", coloured(row.verdict), f": {row.reason}")
    if row.verdict != "live":
        click.get_current_context().exit(4)


def _tell(plan: Plan) -> None:
    for number, step in enumerate(plan.steps, 1):
        out(f"  {number}. {step}")
    for note in plan.notes:
        out(f"  note: {note}")


def _place(environment: str) -> Place:
    """As the signer remembers it.

    Raises:
        RefusedError: SLW968, it has none in one cluster.
    """
    from activities.authority.client import AuthorityClient, Socket
    from domain.releases.kubernetes.registered import registered

    def nothing(digest: str) -> bytes:
        raise KeyError(digest)

    rule = AuthorityClient(Socket(current().signer_socket).ask, nothing).rule(environment)
    found = registered(rule.kubernetes)
    if found is None or not found.cluster:
        why = "register it with `target: {kubernetes: {cluster: ...}}`; one with waves takes no import"
        raise RefusedError("SLW968", f"{environment} has no place in one cluster", fix=why)
    return found.place()


def _planned(asked: Asked) -> Plan:
    from activities.kubernetes.client import Kube
    from activities.kubernetes.discovery import discovery
    from activities.kubernetes.kubeconfigs import AddressBook
    from activities.releases.targets.kubernetes.living import look
    from domain.releases.kubernetes.adoption import plan

    chosen, cluster = current(), asked.place.cluster
    kube = Kube(AddressBook(chosen.addresses).find(cluster), discovery(chosen.clusters, cluster))
    return plan(asked, look(kube, asked))


@recorded(Action.ENVIRONMENTS_APPLY, ResourceKind.ENVIRONMENT, "environment")
def _imported(*, environment: str, deployment: Deployment) -> ReleaseRow:
    """Begun, and waited for."""
    key = f"import-{new_key()}"

    async def begun(engine: Engine) -> str:
        from workers.client import importing

        return await importing.begin(engine, deployment, key)

    id_ = with_engine(current(), begun)

    async def over(client: Client) -> ReleaseRow:
        await recorded_at(client, id_)
        return await ended(client, id_)

    return ask(over)


@recorded(Action.ENVIRONMENTS_APPLY, ResourceKind.ENVIRONMENT, "environment")
def _given_back(*, environment: str, service: str) -> str:
    key = f"undo-{new_key()}"

    async def told(engine: Engine) -> str:
        from workers.client import importing

        return await importing.undo(engine, environment, service, key)

    return with_engine(current(), told)
