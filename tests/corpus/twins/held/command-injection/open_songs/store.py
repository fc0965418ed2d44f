# real: CWE-78
"""Where songs are kept."""

import subprocess


class Songs:
    def __init__(self, owner):
        self.owner = owner

    def by_genre(self, genre):
        child = subprocess.Popen(["sh", "-c", "export-songs " + genre])
        status = child.wait()
        return status
