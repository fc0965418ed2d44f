"""Migrations beside a release: a real PostgreSQL, migrated by the Jobs of its hooks, asked by every version with traffic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg
import pytest

from tests.support.postgres import Postgres, installed
from tests.workflows.releases.judged import recorded
from tests.workflows.releases.test_kubernetes_releases import DEPLOY, cluster, registered

__all__ = ["cluster"]
pytestmark = pytest.mark.system
OLD, NEW = (
    "update orders set total = total + 1 returning total",
    "update orders set amount = amount + 1 returning amount",
)
ASKS = {"r1": OLD, "r2": OLD, "r3": NEW, "r4": NEW}
EXPAND = """alter table orders add amount int; update orders set amount = total;
create function keep_both() returns trigger language plpgsql as $$ begin
  if new.total is distinct from old.total then new.amount := new.total; else new.total := new.amount; end if;
  return new;
end $$;
create trigger keep_both before update on orders for each row execute function keep_both()"""
CONTRACT = "drop trigger keep_both on orders; alter table orders drop total"
SCRIPTS = {"expand": EXPAND, "contract": CONTRACT, "fail": "alter table orders add total int", "none": "select 1"}
MIGRATE = """      rollback-window: 0s
      migrate: {{expand: [{expand}], contract: [{contract}], needs: {needs}, works-with: [11]}}
"""


@pytest.fixture
def database() -> Iterator[psycopg.Connection]:
    server = Postgres(installed())
    server.start()
    with psycopg.connect(server.database().replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("create table orders (total int not null)")
        connection.execute("insert into orders values (1)")
        yield connection
    server.stop()


async def shipped(lab, version: str, needs: int, expand: str, contract: str = "none"):
    text = DEPLOY.format(environment="p1", version=version)
    text += MIGRATE.format(needs=needs, expand=expand, contract=contract)
    return await lab.result(await lab.start(text))


async def test_every_version_with_traffic_works_at_every_moment_and_nothing_goes_below_a_contract(cluster, database):
    lab, kube, _, router = cluster
    failed: list[str] = []

    def migrate(command: Sequence[str]) -> str:
        try:
            database.execute(SCRIPTS[command[0]])
        except psycopg.Error as broken:
            return str(broken)
        return ""

    def ask(instance: str) -> None:
        try:
            database.execute(ASKS[instance])
        except psycopg.Error as broken:
            failed.append(f"{instance}: {broken}")

    kube.programs, router.asked = migrate, ask
    registered(lab, "p1")
    first = await shipped(lab, "1", 11, "none")
    assert first.status == "passed", first.reason

    refused = await shipped(lab, "2", 12, "fail")
    assert 'column "total" of relation "orders" already exists' in refused.reason
    assert "start 2" not in recorded(lab)["steps"]

    result = await shipped(lab, "3", 12, "expand", "contract")
    assert result.status == "passed", result.reason
    assert failed == []

    with pytest.raises(psycopg.errors.UndefinedColumn):
        database.execute(OLD)
    below = await shipped(lab, "1", 11, "none")
    assert "1 needs schema 11, and a contract has taken away what is below 12" in below.reason
    assert router.weights["r3"] == 100.0
    router.asked("r3")
    assert failed == []
