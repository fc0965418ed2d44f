# real: CWE-22
"""Where photos are kept."""

from pathlib import Path

ROOT = Path("/srv/photos")


def photo_by_album(album):
    with (ROOT / f"{album}.json").open() as file:
        body = file.read()
    return body
