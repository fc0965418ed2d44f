"""What a registered policy refuses starts no job, whatever the pushed definition says."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from activities.access.policies import KIND, PolicyStore
from activities.authority.everything import Everything
from activities.jobs.executors.kubernetes.executor import KubernetesExecutor
from activities.jobs.executors.process import ProcessExecutor
from activities.jobs.isolation.isolation import Isolation
from activities.jobs.under_policy import under
from activities.kubernetes.kubeconfigs import AddressBook
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from activities.triggers.delivery import DeliveryActivities
from domain.core.errors import RefusedError, SluicewayError
from domain.jobs.isolation import Network as JailNetwork
from domain.jobs.isolation import Reach
from domain.pipelines.job import Job, JobKind
from domain.policy.policy import Network, Policy, PolicyFor, Push, Rules
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef
from pipeline_defs.documents import check
from tests.support.lab import Repo
from workers.cli.policies import policy
from workers.core.records import Records
from workers.worker.definition_reader import YamlReader

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\non: {push: {}, pull-request: {}}\n"
PLAIN = HEAD + "jobs: {a: {run: x}}\n"

PUSH = Push(repository="/srv/git/web", pipeline="web", event=EventKind.PUSH, branch="main")


class Home:
    """Registered policies, and a repository whose pushes are read."""

    def __init__(self, folder: Path, definition: str) -> None:
        self.definitions = Records.at(folder / "records.db").definitions
        self.repo = Repo.create(folder / "r", {"sluiceway.yaml": definition})
        policies = PolicyStore(self.definitions).of
        store, mirrors = FolderStore(folder / "s"), Mirrors(folder / "m")
        self._activities = DeliveryActivities(store, mirrors, YamlReader(), Everything(), policies=policies)

    def policy(self, body: str) -> None:
        document = check(
            f"apiVersion: sluiceway/v1\nkind: Policy\nname: house\n{body}".encode(), "p.yaml", lambda path: None
        )
        checked = document.valid().document
        self.definitions.save("Policy", "house", checked.model_dump_json())

    def problems(self, branch: str = "main", tag: str = "", kind: EventKind = EventKind.PUSH) -> tuple[str, ...]:
        event = Event(kind, str(self.repo.path), self.repo.head, branch="" if tag else branch, tag=tag)
        source = SourceRef(str(self.repo.path), self.repo.head)
        return self._activities.read(Delivery("d", event, "sluiceway.yaml", source, "web")).problems


def test_without_a_policy_everybody_runs(tmp_path: Path) -> None:
    assert Home(tmp_path, PLAIN).problems() == ()


def test_only_allowed_repositories_start_runs_under_whatever_name_of_a_pipeline(tmp_path: Path) -> None:
    home = Home(tmp_path, PLAIN)
    home.policy("for: {pipelines: [web]}\nallow: {repositories: [/srv/git/web]}\n")
    (why,) = home.problems()
    assert "SLW050" in why
    assert "house" in why
    home.policy(f"for: {{pipelines: [web]}}\nallow: {{repositories: ['{home.repo.path.parent}/*']}}\n")
    assert home.problems() == ()


def test_only_allowed_branches_and_tags_start_runs(tmp_path: Path) -> None:
    home = Home(tmp_path, PLAIN)
    home.policy("allow: {branches: [main, 'release/*'], tags: ['v*']}\n")
    assert home.problems("main") == home.problems("release/2") == home.problems(tag="v1") == ()
    for wrong in (home.problems("work"), home.problems(tag="main"), home.problems("")):
        assert "SLW050" in wrong[0]


def test_only_allowed_executors_run_jobs(tmp_path: Path) -> None:
    home = Home(tmp_path, PLAIN)
    home.policy("allow: {executors: [docker, kubernetes]}\n")
    (why,) = home.problems()
    assert "SLW051" in why
    home.policy("allow: {executors: [process]}\n")
    assert home.problems() == ()


def test_files_of_other_repositories_are_used_only_where_a_policy_allows_them(tmp_path: Path) -> None:
    component = "apiVersion: sluiceway/v1\nkind: Component\nname: c\njobs: {x: {run: 'true'}}\n"
    other = Repo.create(tmp_path / "other", {"component.yaml": component})
    home = Home(tmp_path, HEAD + f"jobs: {{a: {{uses: 'git+file://{other.path}@{other.head}'}}}}\n")
    home.policy("allow: {uses: [git.example/components]}\n")
    assert "SLW053" in str(home.problems())
    home.policy(f"allow: {{uses: ['{tmp_path}/*']}}\n")
    assert home.problems() == ()


DEPLOY = "deploy: {service: s, command: [x], version: '1'}"


def test_a_deployment_needs_the_gate_that_a_policy_wants(tmp_path: Path) -> None:
    home = Home(tmp_path, HEAD + f"jobs:\n  d: {{environment: production, {DEPLOY}}}\n")
    assert home.problems() == ()
    home.policy("gate: {required: true}\n")
    assert "SLW054" in str(home.problems())
    gated = "jobs:\n  s: {scan: {}}\n  g: {needs: s, gate: {}}\n"
    good = Home(tmp_path / "good", HEAD + gated + f"  d: {{needs: g, environment: production, {DEPLOY}}}\n")
    good.policy("gate: {required: true}\n")
    assert good.problems() == ()


def test_a_policy_that_cannot_be_read_lets_nothing_run(tmp_path: Path) -> None:
    home = Home(tmp_path, PLAIN)
    home.definitions.save(KIND, "newer", '{"scope": {}}')
    with pytest.raises(SluicewayError) as unreadable:
        home.problems()
    assert unreadable.value.code == "SLW058"


def test_an_executor_that_cannot_keep_jobs_from_the_network_is_refused_by_the_worker(tmp_path: Path) -> None:
    rules = Rules(network=Network.PROXY, hosts=frozenset({"a"}))
    proxied = PolicyFor(PUSH, (Policy(name="house", digest="0" * 64, rules=rules),))
    job, pod = (
        Job("a", JobKind.RUN, executor="kubernetes"),
        KubernetesExecutor(tmp_path, tmp_path, AddressBook(tmp_path)),
    )
    with pytest.raises(RefusedError) as refused:
        under(proxied, job, pod)
    assert refused.value.code == "SLW052"
    assert "house" in str(refused.value)
    assert isinstance(under(PolicyFor(PUSH), job, pod), KubernetesExecutor)
    strict = under(proxied, job, ProcessExecutor(Isolation(tmp_path)))
    assert isinstance(strict, ProcessExecutor)
    assert strict.isolation.reach == Reach(JailNetwork.PROXY, frozenset({"a"}))


def test_of_the_network_of_an_installation_and_of_a_policy_the_stricter_holds() -> None:
    none, proxy = JailNetwork.NONE, JailNetwork.PROXY
    house = Reach(proxy, frozenset({"a", "b"}), ("10.0.0.0/8",))

    assert house.limited(JailNetwork.OPEN, None) == house
    assert house.limited(proxy, frozenset({"b", "c"})).hosts == frozenset({"b"})
    assert house.limited(none, None).network == none
    assert Reach(none).limited(proxy, frozenset({"a"})).proxy() is None
    assert Reach(proxy).proxy() == {"hosts": [], "opened": [], "network": ""}


def test_the_worker_refuses_an_executor_that_the_plan_named_before_the_policy_was_registered(tmp_path: Path) -> None:
    docker = PolicyFor(PUSH, (Policy(name="h", digest="0" * 64, rules=Rules(executors=frozenset({"docker"}))),))
    with pytest.raises(RefusedError) as refused:
        under(docker, Job("a", JobKind.RUN), ProcessExecutor(Isolation(tmp_path)))
    assert refused.value.code == "SLW051"


def test_an_unknown_policy_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    result = CliRunner().invoke(policy, ["show", "nothing"])
    assert isinstance(result.exception, RefusedError)
    assert result.exception.code == "SLW056"


def test_a_policy_that_says_nothing_where_it_seems_to_is_told() -> None:
    head = b"apiVersion: sluiceway/v1\nkind: Policy\nname: p\n"
    no_host = b"jobs: {network: proxy, hosts: [10.0.0.1]}\n"
    for body in (b"jobs: {hosts: [a]}\n", b"jobs: {network: proxy}\n", b"for: {pipelines: [a]}\n", no_host):
        (found,) = check(head + body, "p.yaml", lambda path: None).diagnostics
        assert found.code == "SLW059"
    good = b"jobs: {network: proxy, hosts: [a]}\nfor: {pipelines: [a], repositories: [/srv/*]}\n"
    assert check(head + good, "p.yaml", lambda path: None).diagnostics == ()
