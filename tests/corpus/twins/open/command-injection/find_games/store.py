# twin: CWE-78
"""Where games are kept."""

import subprocess


class Games:
    def __init__(self, owner):
        self.owner = owner

    def by_league(self, league):
        status = subprocess.run(["archive-games", "--", league], check=False).returncode
        return status
