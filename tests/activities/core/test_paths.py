"""Paths of another machine."""

import pytest

from activities.core.paths import inside


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("src/a.py", "src/a.py"),
        ("gone.py", "gone.py"),
        ("/home/u/repo/src/a.py", "src/a.py"),
        ("C:\\build\\src\\a.py", "src/a.py"),
        ("src\\a.py", "src/a.py"),
        ("/elsewhere/a.py", "/elsewhere/a.py"),
        ("/home/../src/a.py", "/home/../src/a.py"),
        ("/x\0/src/a.py", "/x\0/src/a.py"),
        (f"/{'x' * 5_000}/src/a.py", "src/a.py"),
        ("", ""),
    ],
)
def test_an_absolute_path_is_found_in_the_checkout_by_its_longest_tail(tmp_path, path, found):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").touch()
    (tmp_path / "a.py").touch()

    assert inside(tmp_path, path) == found
    assert inside(tmp_path, f"{tmp_path}/any/b.py") == "any/b.py"
