"""A file is looked at under every name of code that a link within the target gives it."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files import links

PARTS = st.sampled_from(["a", "b", "..", "."])
PATHS = st.lists(PARTS, min_size=1, max_size=4).map("/".join)


@given(st.dictionaries(st.sampled_from(["a", "b", "c/a", "c/b"]), PATHS, max_size=4), PATHS)
def test_a_path_leads_where_the_system_says_or_out(made, path):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "r"
        (root / "c").mkdir(parents=True)
        for name, to in made.items():
            (root / name).symlink_to(to)
        found = links.target(made, path)
        real = os.path.realpath(root / path)

        assert not found or os.path.relpath(real, root) == found or not os.path.lexists(root / path)


@pytest.mark.parametrize(
    ("made", "wanted"),
    [
        ({"a.js": "data.txt"}, [("a.js", "data.txt")]),
        ({"a.js": "data.txt", "b.js": "./data.txt"}, [("a.js", "data.txt")]),
        ({"a.js": "d/../b", "b": "data.txt"}, [("a.js", "data.txt")]),
        ({"a.txt": "data.txt"}, []),
        ({"a.js": "c.js"}, []),
        ({"a.js": "../data.txt"}, []),
        ({"a.js": "/data.txt"}, []),
        ({"a.js": "b.js", "b.js": "a.js"}, []),
    ],
)
def test_only_names_of_code_for_files_of_the_target_count(made, wanted):
    assert list(links.named(made, {"data.txt", "c.js"})) == wanted
