"""How far back a service may go, by the schema of its data."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.releases.deploy_spec import DeploySpec
from domain.releases.kubernetes import schema
from domain.releases.kubernetes.place import KubernetesSpec, Schema

levels = st.integers(0, 6)
schemas = st.builds(Schema, needs=levels, works_with=st.lists(levels, max_size=4).map(tuple))


def spec(of: Schema, strategy: str = "canary") -> DeploySpec:
    return DeploySpec(version=f"v{of.needs}", strategy=strategy, kubernetes=KubernetesSpec(schema=of))


@given(schemas, schemas, levels, st.sampled_from(["canary", "recreate"]))
def test_nothing_goes_below_the_barrier(new, live, barrier, strategy):
    refused = schema.refusal(spec(new, strategy), spec(live), barrier)
    assert bool(refused) or new.needs >= barrier


@given(schemas, schemas)
def test_two_versions_run_side_by_side_only_where_the_newer_schema_works_for_both(new, live):
    newer, older = (new, live) if new.needs > live.needs else (live, new)
    fits = new.needs == live.needs or older.needs in newer.works_with
    assert (schema.refusal(spec(new), spec(live), 0) == "") == fits


@given(schemas, schemas)
def test_what_is_let_forth_beside_the_live_version_can_be_taken_back(new, live):
    if not schema.refusal(spec(new), spec(live), 0) and new.needs >= live.needs:
        assert schema.refusal(spec(live), spec(new), 0) == ""
        assert schema.no_way_back(spec(new), spec(live)) == ""


@given(schemas, schemas)
def test_recreate_may_break_with_the_version_before_and_knows_that_it_does(new, live):
    higher = replace(new, needs=live.needs + 1)
    assert schema.refusal(spec(higher, "recreate"), spec(live), 0) == ""
    assert bool(schema.no_way_back(spec(higher), spec(live))) == (live.needs not in higher.works_with)


def test_a_first_version_and_one_without_a_schema_go_out():
    assert schema.refusal(spec(Schema(needs=3)), None, 0) == ""
    assert schema.refusal(DeploySpec(version="1"), DeploySpec(version="0"), 0) == ""
