# twin: CWE-90
"""Members of clubs."""

import ldap3
import tornado.web
from ldap3.utils.dn import escape_rdn

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Members:
    def __init__(self, owner):
        self.owner = owner

    def by_club(self, club):
        link.search(f"ou={escape_rdn(club)},dc=example", "(objectClass=person)")
        people = len(link.entries)
        return people


class MembersHandler(tornado.web.RequestHandler):
    async def get(self):
        club = self.get_cookie("club", "")
        found = Members("desk").by_club(club)
        self.write({"member": found})


def routes():
    return [(r"/members", MembersHandler)]
