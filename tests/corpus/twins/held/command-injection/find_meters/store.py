# twin: CWE-78
"""Where meters are kept."""

import subprocess


class Meters:
    def __init__(self, owner):
        self.owner = owner

    def by_region(self, region):
        status = subprocess.check_output(["du", "-sh", "--", f"/srv/meters/{region}"]).decode()
        return status
