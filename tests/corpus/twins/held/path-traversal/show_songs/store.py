# real: CWE-22
"""Where songs are kept."""

from pathlib import Path

ROOT = Path("/srv/songs")


class Songs:
    def __init__(self, owner):
        self.owner = owner

    def by_genre(self, genre):
        with (ROOT / f"{genre}.json").open() as file:
            body = file.read()
        return body
