"""The map of a namespace: who reaches whom, and that nothing is drawn over something else."""

from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import namespace_diagram as chart

labels = st.dictionaries(st.sampled_from(["app", "tier"]), st.sampled_from(["web", "db"]), max_size=2)
names = st.text("abc", min_size=1, max_size=4)


def service(name, selector):
    return {"metadata": {"name": name}, "spec": {"selector": selector, "ports": [{"port": 80}]}}


def pod(name, of, phase="Running", owner=None):
    owners = [{"controller": True, "kind": owner[0], "name": owner[1]}] if owner else []
    return {"metadata": {"name": name, "labels": of, "ownerReferences": owners}, "status": {"phase": phase}}


def policy(name, selector):
    return {"metadata": {"name": name}, "spec": {"podSelector": {"matchLabels": selector}, "policyTypes": ["Egress"]}}


@given(
    st.lists(st.builds(service, names, labels), max_size=60),
    st.lists(st.builds(pod, names, labels), max_size=60),
    st.lists(st.builds(policy, names, labels), max_size=60),
)
def test_no_box_lies_on_another_and_every_line_joins_two(services, pods, policies):
    made = chart.namespace_diagram(services, pods, policies)

    places = [(box.column, box.row) for box in made.boxes]
    assert len(places) == len(set(places))
    assert all(line.start in made.boxes and line.end in made.boxes for line in made.lines)
    assert all(box.y + chart.HEIGHT <= made.height and box.x + chart.WIDTH <= made.width for box in made.boxes)


def test_pods_of_a_deployment_are_one_workload_with_its_phases() -> None:
    pods = [
        pod("web-5f6d8-a", {"app": "web"}, owner=("ReplicaSet", "web-5f6d8")),
        pod("web-5f6d8-b", {"app": "web"}, "Pending", ("ReplicaSet", "web-5f6d8")),
        pod("alone", {}),
    ]
    alone, web = sorted(chart.workloads(pods), key=lambda one: one.name != "alone")

    assert (web.name, web.detail, web.tone) == ("Deployment web", "1 Pending, 1 Running", "running")
    assert alone.tone == "passed"


def test_a_service_reaches_what_it_selects_and_a_policy_without_labels_covers_all() -> None:
    pods = [pod("a", {"app": "web"}), pod("b", {"app": "db"})]
    made = chart.namespace_diagram([service("web", {"app": "web"}), service("nobody", {})], pods, [policy("all", {})])

    joined = {(line.start.name, line.end.name) for line in made.lines}
    assert joined == {("web", "a"), ("a", "all"), ("b", "all")}
