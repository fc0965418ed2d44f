# twin: CWE-78
"""Where clients are kept."""

import subprocess


class Clients:
    def __init__(self, owner):
        self.owner = owner

    def by_branch(self, branch):
        command = ["host", "-t", "mx", "--", branch]
        status = subprocess.run(command, capture_output=True, check=False).stdout.decode()
        return status
