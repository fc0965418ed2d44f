# twin: CWE-22
"""Where tickets are kept."""

import os

import aiofiles

ROOT = "/srv/tickets"


class Tickets:
    def __init__(self, owner):
        self.owner = owner

    async def by_queue(self, queue):
        wanted = os.path.realpath(os.path.join(ROOT, queue))
        if not wanted.startswith(ROOT + os.sep):
            raise ValueError("outside of the folder")
        async with aiofiles.open(wanted) as file:
            body = await file.read()
        return body
