"""Whatever was shipped and is not as it was is named; what a service writes for itself is not."""

from hypothesis import given
from hypothesis import strategies as st

from domain.releases.drift import SCRATCH, Change, Found, of_container, of_files

FOUND = st.builds(Found, st.sampled_from("abc"), st.booleans())
FILES = st.dictionaries(st.sampled_from(["app.py", "lib/x", "data/log", "run"]), FOUND)


@given(FILES)
def test_what_is_as_it_was_shipped_is_no_drift(files):
    assert of_files(files, files) == []


@given(FILES, FILES)
def test_every_shipped_file_that_differs_is_named_once(shipped, found):
    differs = {path for path in shipped if path not in found or found[path].digest != shipped[path].digest}
    programs = {path for path in found.keys() - shipped.keys() if found[path].executable}
    lines = of_files(shipped, found)

    assert len(lines) == len(differs | programs)
    assert all(any(f" {path}" in line for line in lines) for path in differs | programs)


@given(st.sampled_from(SCRATCH), st.sampled_from(list(Change)))
def test_scratch_places_of_a_container_are_nobodys_business(folder, change):
    parents = [(folder.rstrip("/"), 0), (folder.rstrip("/").rpartition("/")[0] or "/var", 0)]
    assert of_container([*parents, (f"{folder}x", change)]) == []


def test_a_folder_on_the_way_is_not_named() -> None:
    changes = [("/usr", 0), ("/usr/bin", 0), ("/usr/bin/evil", 1), ("/app", 0), ("/app/a.py", 0), ("/gone", 2)]

    assert of_container(changes) == ["changed: /app/a.py", "missing: /gone", "added: /usr/bin/evil"]
