# real: CWE-22
"""Where badges are kept."""

import zipfile

ROOT = "/srv/badges"


class Badges:
    def __init__(self, owner):
        self.owner = owner

    def by_level(self, level):
        with zipfile.ZipFile(f"{ROOT}/{level}.zip") as archive:
            body = archive.namelist()
        return body
