"""Libraries of pages are the files that their packages ship: named, licensed, unchanged."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from workers.console import assets

FOLDER = assets.FOLDER / "vendor"
PACKAGES = json.loads((FOLDER / "manifest.json").read_text())["packages"]


def test_every_file_is_the_one_of_its_package():
    said = {file["name"]: file["sha256"] for package in PACKAGES for file in package["files"]}
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in FOLDER.iterdir()}
    del found["manifest.json"]
    assert found == said


def test_every_package_has_its_version_and_its_licence_beside_it():
    for package in PACKAGES:
        assert package["version"]
        assert package["license"] in ("0BSD", "MIT", "BSD-3-Clause", "Apache-2.0")
        assert [file["name"] for file in package["files"] if file["name"].endswith("LICENSE")]


def test_no_script_of_ours_is_larger_than_a_person_reads():
    """What needs more is a module of its own; nothing here is built."""
    own = (assets.FOLDER / "js").glob("*.js")
    assert {
        file.name: len(file.read_text().splitlines()) for file in own if len(file.read_text().splitlines()) > 350
    } == {}


def test_the_licence_files_are_not_served():
    assert not [name for name in assets.assets() if Path(name).suffix not in assets.TYPES]
