"""Each cluster of an environment is in exactly one wave, or people are told."""

from hypothesis import given
from hypothesis import strategies as st

from domain.releases.waves.plan import complaints, plan
from domain.releases.waves.spec import WaveSpec, WavesSpec, malformed, selects

NAMES = [f"c{n}" for n in range(6)]
LABELS = st.dictionaries(st.sampled_from(["region", "tier"]), st.sampled_from(["eu", "us", ""]), max_size=2)
SELECTORS = st.sampled_from([*NAMES, "region=eu", "region=us", "tier!=eu", "region=eu,tier!=us", "region=mars"])
SPECS = st.builds(
    lambda clusters, waves: WavesSpec(clusters=clusters, waves=tuple(waves)),
    st.dictionaries(st.sampled_from(NAMES), LABELS, min_size=1),
    st.lists(st.builds(lambda texts: WaveSpec(clusters=tuple(texts)), st.lists(SELECTORS, min_size=1, max_size=3))),
)


@given(SPECS)
def test_no_cluster_is_in_two_waves_and_without_complaints_none_is_left_out(spec):
    found = plan(spec)

    assert len(set(found.clusters)) == len(found.clusters)
    assert set(found.clusters) <= set(spec.clusters)
    if not list(complaints(spec)):
        assert set(found.clusters) == set(spec.clusters)
        assert len(found.waves) == max(len(spec.waves), 1)


@given(SPECS)
def test_a_cluster_that_is_left_out_is_complained_about_by_name(spec):
    missing = set(spec.clusters) - set(plan(spec).clusters)
    told = " ".join(text for _, text in complaints(spec))

    assert all(name in told for name in missing)


@given(st.text("ab=!,/ ", max_size=12), LABELS)
def test_a_text_that_is_no_selector_means_no_cluster(text, labels):
    if malformed(text):
        assert not selects(text, "c1", labels)


def test_the_first_wave_that_means_a_cluster_has_it() -> None:
    clusters = {"canary-eu": {"region": "eu"}, "eu-1": {"region": "eu"}, "us-1": {"region": "us"}}
    waves = [WaveSpec(clusters=(text,)) for text in ("canary-eu", "region=eu", "region=us")]
    found = plan(WavesSpec(clusters=clusters, waves=tuple(waves)))

    assert [wave.clusters for wave in found.waves] == [("canary-eu",), ("eu-1",), ("us-1",)]


def test_hostile_sizes_and_names_are_refused() -> None:
    many = WavesSpec(clusters={f"c{n}": {} for n in range(201)})
    named = WavesSpec(clusters={"../etc": {}})

    assert "at most 200" in next(complaints(many))[1]
    assert any("../etc" in text for _, text in complaints(named))
