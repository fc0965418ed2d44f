# twin: CWE-78
"""Where tickets are kept."""

import subprocess


class Tickets:
    def __init__(self, owner):
        self.owner = owner

    def by_queue(self, queue):
        done = subprocess.run(["grep", "-c", "-e", queue, "/var/log/tickets.log"], capture_output=True, check=False)
        status = done.stdout.decode()
        return status
