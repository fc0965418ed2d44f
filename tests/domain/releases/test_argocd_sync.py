"""An Application counts as synced by what is said of it after its sync, whatever is done in between."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from activities.kubernetes.memory_objects import MemoryObjects
from domain.core.values import Json
from domain.releases.argocd.application import API, KIND, MOST_NAMED, Application, refresh
from domain.releases.argocd.job import ArgocdSync
from domain.releases.argocd.sync import DEGRADED_S, Next, Progress, Step, next_step
from tests.support.played_argocd import NAME, NAMESPACE, PlayedArgo, application

WISH = ArgocdSync("edge", NAMESPACE, NAME)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


class Scene:
    """A caller and a controller that take turns as they like."""

    def __init__(self, wish: ArgocdSync = WISH, **spec: object) -> None:
        self.api = MemoryObjects()
        self.api.create(application(**spec))
        self.argo, self.wish = PlayedArgo(self.api), wish
        self.progress, self.now, self.refreshed = Progress(), 0.0, 0
        self.last = Next(Step.WAIT, "", self.progress)

    def caller(self) -> Next:
        app = Application(self.argo.read())
        self.last = next_step(app, self.wish, "k1", self.progress, self.now)
        self.progress = self.last.progress
        if self.last.step is Step.ASK:
            self.api.patch(API, KIND, NAME, app.operation(self.wish, "k1"), NAMESPACE)
        if self.last.step is Step.REFRESH:
            self.refreshed += 1
            self.api.patch(API, KIND, NAME, refresh(str(self.refreshed)), NAMESPACE)
        return self.last

    def forget(self) -> None:
        """Another worker goes on."""
        self.progress = Progress()

    def synced(self) -> None:
        """Up to the comparison that is asked for."""
        self.caller()
        self.argo.begin()
        self.argo.end()
        assert self.caller().step is Step.REFRESH

    def compared(self) -> Next:
        self.argo.look()
        self.argo.tell()
        return self.caller()


TURNS = st.sampled_from(("caller", "caller", "begin", "end", "look", "tell", "forget", "worse", "better"))


@given(st.lists(TURNS, max_size=40))
def test_only_a_comparison_that_began_after_the_sync_had_ended_makes_it_healthy(turns: list[str]):
    scene, fresh, begun_after = Scene(), False, False
    scene.argo.health = "Progressing"
    for turn in turns:
        state = scene.argo.read()["status"]
        ended = isinstance(state, dict) and "syncResult" in str(state.get("operationState", ""))
        match turn:
            case "caller":
                if scene.caller().step is Step.DONE:
                    assert fresh
                    return
            case "forget":
                scene.forget()
            case "worse" | "better":
                scene.argo.health = "Progressing" if turn == "worse" else "Healthy"
            case "look":
                scene.argo.look()
                begun_after = ended
            case "tell":
                fresh = (begun_after and bool(scene.argo.seen)) or fresh
                scene.argo.tell()
            case _:
                getattr(scene.argo, turn)()


def test_a_sync_is_asked_for_once_and_told_while_it_goes_on():
    scene = Scene()
    assert scene.caller().step is Step.ASK
    assert "waits for the controller" in scene.caller().words
    scene.argo.begin()
    scene.forget()
    assert scene.caller().words == "syncing: 0 resources done; applying"
    scene.argo.end()
    assert scene.caller().step is Step.REFRESH
    assert scene.compared().words == f"{'a' * 40} is synced and healthy"


def test_health_from_before_the_sync_says_nothing():
    scene = Scene()
    scene.synced()
    assert (scene.caller().step, scene.api.get(API, KIND, NAME, NAMESPACE)["status"]["health"]) == (  # type: ignore
        Step.WAIT,
        {"status": "Healthy"},
    )


def test_a_comparison_that_was_under_way_is_not_the_one_that_was_asked_for():
    scene = Scene()
    scene.caller()
    scene.argo.look()
    scene.argo.begin()
    scene.argo.end()
    scene.caller()
    scene.argo.tell()
    assert scene.caller().step is Step.WAIT
    assert scene.compared().step is Step.DONE


def test_another_one_s_sync_is_waited_for_and_one_to_something_else_ends_ours():
    scene = Scene()
    scene.api.patch(API, KIND, NAME, {"operation": {"initiatedBy": {"username": "ann"}, "sync": {}}}, NAMESPACE)
    assert "a sync by ann" in scene.caller().words
    scene.argo.begin()
    assert "a sync by ann is in progress" in scene.caller().words
    scene.argo.end()
    scene.synced()
    scene.argo.sync("bob", "other")
    assert (scene.caller().step, scene.last.words) == (Step.FAILED, "bob has synced it to other meanwhile")


def test_a_failed_sync_names_its_resources():
    scene = Scene()
    scene.caller()
    scene.argo.begin()
    bad = {"kind": "ConfigMap", "namespace": "shop", "name": "a", "status": "SyncFailed", "message": "no\nrights"}
    scene.argo.end("Failed", (bad,) * 50)
    told = scene.caller()
    assert told.step is Step.FAILED
    assert told.words.startswith("the sync failed: said; ConfigMap shop/a: no rights")
    assert told.words.count("ConfigMap") == MOST_NAMED


def test_another_commit_than_was_asked_for_is_not_taken_for_it():
    scene = Scene(ArgocdSync("edge", NAMESPACE, NAME, "b" * 40))
    scene.caller()
    scene.argo.begin()
    state = scene.argo.read()["status"]["operationState"]  # type: ignore[index,call-overload]
    lying = {**state, "operation": {**state["operation"], "sync": {"revision": "c" * 40}}}  # type: ignore
    scene.api.patch(API, KIND, NAME, {"status": {"operationState": lying}}, NAMESPACE)
    scene.argo.end()
    assert scene.caller().step is Step.FAILED


def test_a_degraded_application_has_a_minute():
    scene = Scene()
    scene.synced()
    scene.argo.health = "Degraded"
    assert scene.compared().step is Step.WAIT
    scene.now = DEGRADED_S
    assert scene.caller().step is Step.FAILED


def test_an_application_that_follows_the_next_commit_is_done_when_nothing_of_it_differs():
    scene = Scene()
    scene.synced()
    scene.argo.head = "b" * 40
    assert scene.compared().step is Step.DONE
    scene.api.patch(API, KIND, NAME, {"status": {"sync": {"status": "OutOfSync"}}}, NAMESPACE)
    assert f"it follows {'b' * 40} now" in scene.caller().words


def test_a_sync_is_as_the_application_s_policy_says():
    policy = {"automated": {"prune": True}, "syncOptions": ["ServerSideApply=true"], "retry": {"limit": 2}}
    scene = Scene(ArgocdSync("edge", NAMESPACE, NAME, "v1.2"), syncPolicy=policy)
    scene.caller()
    operation = scene.argo.read()["operation"]
    assert operation["retry"] == {"limit": 2}  # type: ignore[index,call-overload]
    assert operation["sync"] == {  # type: ignore[index,call-overload]
        "prune": True,
        "revision": "v1.2",
        "syncOptions": ["ServerSideApply=true"],
        "syncStrategy": {"hook": {}},
    }


def test_an_application_of_several_sources_is_refused():
    assert Scene(sources=[{"repoURL": "a"}]).caller().step is Step.FAILED


@given(JSON, JSON, JSON)
def test_whatever_stands_in_an_application_it_is_read(spec: Json, status: Json, operation: Json):
    app = Application({"spec": spec, "status": status, "operation": operation})
    assert len(app.remarks) < 10_000
    next_step(app, WISH, "k1", Progress("a", looked=True), 0)


@given(st.text(max_size=20))
def test_a_revision_is_never_an_option(text: str):
    wish = ArgocdSync("edge", NAMESPACE, NAME, text)
    if not wish.refusal:
        assert not text.startswith("-")
        assert text.isprintable()
