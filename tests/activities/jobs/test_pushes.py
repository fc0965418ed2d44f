"""What leaves the machine by a build: to a registry that somebody above the commit knows, with its login."""

from __future__ import annotations

from typing import Any

import pytest

from activities.authority.everything import Everything
from activities.docker.daemon import present
from activities.docker.images import Image
from activities.jobs import image_builder
from activities.jobs.port import JobInput
from activities.jobs.pushing import login_to_push
from activities.secrets.broker import Broker
from activities.secrets.stores.memory import MemorySecrets
from activities.supply_chain.pulled import pulled
from activities.supply_chain.registry_access import Credentials, RegistryAccess
from domain.core.errors import RefusedError, SluicewayError
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import ImageSpec
from domain.releases.registries import parsed
from domain.secrets.rules import SecretRule
from domain.triggers.events import EventKind, EventRef

PASSWORD = "hunter2-of-the-registry"
LOGIN = {"username": "robot", "password": PASSWORD}


def to_push(tag: str, own: str = "", pipeline: str = "web") -> Any:
    store = MemorySecrets()
    store.write("token", PASSWORD)
    rule = SecretRule(secret="token", pipelines=("web",), repositories=("/repos/web",))
    access = RegistryAccess(values=Broker(store, lambda: (rule,)).values, own=parsed(own))
    job = Job("image", JobKind.BUILD, "image", image=ImageSpec(tag=tag, push=True))
    input = JobInput(f"run/{pipeline}/7", job, repo="/repos/web", event=EventRef(EventKind.PUSH, "main"))
    return login_to_push(input, Everything(), access)


@pytest.mark.parametrize("host", ["127.0.0.1:5000", "localhost:5000", "10.1.2.3", "169.254.169.254", "[fd00::1]:5000"])
def test_a_commit_alone_has_nothing_pushed_inside(host: str):
    with pytest.raises(RefusedError) as refused:
        to_push(f"{host}/web:1")
    assert refused.value.code == "SLW840"
    assert "SLUICEWAY_REGISTRIES" in refused.value.advice


def test_the_settings_name_registries_inside_with_or_without_a_login():
    assert to_push("10.1.2.3:5000/web:1", own="10.1.2.3:5000") is None
    assert to_push("10.1.2.3:5000/web:1", own="10.1.2.3:5000 robot token") == LOGIN


def test_a_login_is_given_to_runs_that_its_secrets_rule_names_alone():
    assert to_push("8.8.8.8/web:1") is None
    with pytest.raises(RefusedError, match="secret token is not for"):
        to_push("8.8.8.8/web:1", own="8.8.8.8 robot token", pipeline="evil")


class Daemon:
    """Its registry says everything that it was sent."""

    def __init__(self) -> None:
        self.api = self.images = self
        self.given: list[Any] = []

    def push(self, tag: str, *, auth_config: Any, **_: Any) -> Any:
        self.given.append(auth_config)
        return [{"status": f"with {auth_config['password']}"}, {"error": f"no {auth_config['password']}"}]

    def pull(self, repository: str, *, auth_config: Any, **_: Any) -> Any:
        self.given.append(auth_config)
        return [{"status": f"with {auth_config['password']}"}, {"error": f"no {auth_config['password']}"}]


def test_what_a_registry_says_of_a_login_is_in_no_log_and_no_reason():
    daemon, told = Daemon(), list[str]()
    with pytest.raises(SluicewayError) as push:
        image_builder._push(daemon, "r.example/web:1", told.append, LOGIN)  # type: ignore[arg-type]
    with pytest.raises(SluicewayError) as pull:
        present(daemon, "r.example/web:1", "always", told.append, LOGIN)  # type: ignore[arg-type]
    assert daemon.given == [LOGIN, LOGIN]
    assert PASSWORD not in f"{told} {push.value} {pull.value}"
    assert "***" in f"{push.value}"
    assert "***" in f"{pull.value}"


class TestPulled:
    """Of a daemon, for a scan or an environment."""

    def read(self, *there: str) -> Any:
        self.asked: list[Any] = []

        def read(pull: str, login: Any) -> Image:
            self.asked.append((pull, login))
            if pull == "never" and not there:
                raise SluicewayError("SLW848", "it is not on this machine")
            return Image("sha256:1")

        return read

    def test_an_image_that_is_there_needs_no_registry_and_no_login(self):
        pulled("10.1.2.3/web:1", RegistryAccess(), self.never, self.read("it"))
        assert self.asked == [("never", None)]

    def test_a_commit_alone_has_nothing_pulled_from_inside(self):
        with pytest.raises(RefusedError, match="is not pulled") as refused:
            pulled("10.1.2.3/web:1", RegistryAccess(), self.never, self.read())
        assert refused.value.code == "SLW848"
        assert self.asked == [("never", None)]

    @pytest.mark.parametrize("by", ["settings", "environment"])
    def test_what_is_named_above_the_commit_is_pulled_with_its_login(self, by: str):
        named = parsed("10.1.2.3")
        access = RegistryAccess(own=named) if by == "settings" else RegistryAccess()
        login = Credentials(user="robot", password=PASSWORD)
        pulled("10.1.2.3/web:1", access, lambda: login, self.read(), named if by == "environment" else ())
        assert self.asked == [("never", None), ("missing", LOGIN)]

    def never(self) -> None:
        raise AssertionError("nobody needs a login")
