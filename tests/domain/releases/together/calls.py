"""Services and whom they call, for properties."""

from hypothesis import strategies as st


@st.composite
def graphs(draw) -> dict[str, list[str]]:
    """Two to six services without a circle, in any order of definition."""
    names = [f"s{n}" for n in range(draw(st.integers(2, 6)))]
    found = {name: draw(st.lists(st.sampled_from(names[:n]), unique=True)) if n else [] for n, name in enumerate(names)}
    return {name: found[name] for name in draw(st.permutations(names))}
