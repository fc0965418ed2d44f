"""The page of the architecture shows the tree as it is."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

ROOT = Path(__file__).parents[2]
spec = spec_from_file_location("rooms", ROOT / "docs" / "rooms.py")
assert spec is not None
assert spec.loader is not None
rooms = module_from_spec(spec)
spec.loader.exec_module(rooms)


def test_the_page_is_what_make_docs_writes() -> None:
    text = rooms.PAGE.read_text()
    assert text == rooms.page(text), "run make docs"


def test_every_registry_has_its_row() -> None:
    found = {
        str(path.parent.relative_to(ROOT)) for layer in rooms.LAYERS for path in (ROOT / layer).rglob("registry.py")
    }
    assert found == set(rooms.ADAPTERS)


def test_every_feature_says_what_it_holds() -> None:
    for layer in rooms.LAYERS[:-1]:
        for package in (ROOT / layer).glob("*/__init__.py"):
            if package.parent.name not in ("examples", "executors"):
                assert rooms.words_of(package.parent), package
