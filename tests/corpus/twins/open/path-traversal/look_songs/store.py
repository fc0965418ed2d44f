# twin: CWE-22
"""Where songs are kept."""

from pathlib import Path

ROOT = Path("/srv/songs")


class Songs:
    def __init__(self, owner):
        self.owner = owner

    def by_genre(self, genre):
        wanted = (ROOT / genre).resolve()
        if not wanted.is_relative_to(ROOT):
            raise ValueError("outside of the folder")
        body = wanted.read_text()
        return body
