# real: CWE-78
"""Members of clubs."""

import os

from bottle import HTTPError, request, route

TOO_LONG = 80


class Members:
    def __init__(self, owner):
        self.owner = owner

    def by_club(self, club):
        with os.popen(f"grep -c {club} /var/log/members.log") as pipe:
            status = pipe.read()
        return status


@route("/members")
def read_members():
    club = request.forms.get("club")
    if len(club) > TOO_LONG:
        raise HTTPError(400, "unknown club")
    wanted_club = club
    found = Members("desk").by_club(wanted_club)
    return {"member": found}
