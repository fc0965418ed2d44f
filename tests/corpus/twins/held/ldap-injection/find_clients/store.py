# twin: CWE-90
"""Where clients are kept."""

import ldap3
from ldap3.utils.dn import escape_rdn

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Clients:
    def __init__(self, owner):
        self.owner = owner

    def by_branch(self, branch):
        link.search(f"ou={escape_rdn(branch)},dc=example", "(objectClass=person)")
        people = len(link.entries)
        return people
