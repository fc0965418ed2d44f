"""Renews the libraries of the console's pages: the files that their packages ship, unchanged, with a manifest.

`make vendor` asks npm for each package of the manifest, copies its files, and writes their SHA-256. Nothing is built.
To take another version, change it in the manifest first. A test compares the files with their digests.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "workers" / "console" / "static" / "vendor"
MANIFEST = FOLDER / "manifest.json"


def main() -> None:
    """For each package: fetch, copy, digest."""
    manifest = json.loads(MANIFEST.read_text())
    for package in manifest["packages"]:
        with tempfile.TemporaryDirectory() as folder:
            _fetch(package, Path(folder))
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")


def _fetch(package: dict[str, object], folder: Path) -> None:
    name = f"{package['name']}@{package['version']}"
    told = subprocess.run(["npm", "pack", "--json", name], cwd=folder, check=True, capture_output=True, text=True)
    (packed,) = json.loads(told.stdout)
    package["integrity"] = packed["integrity"]
    with tarfile.open(folder / packed["filename"]) as archive:
        for file in package["files"]:  # type: ignore[attr-defined]  # a list of our own manifest
            member = archive.extractfile(f"package/{file['from']}")
            assert member is not None, file
            data = member.read()
            (FOLDER / file["name"]).write_bytes(data)
            file["sha256"] = hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
