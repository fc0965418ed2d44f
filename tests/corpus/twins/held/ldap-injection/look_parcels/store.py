# twin: CWE-90
"""Where parcels are kept."""

import ldap3
from ldap3.utils.dn import escape_rdn

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Parcels:
    def __init__(self, owner):
        self.owner = owner

    def by_code(self, code):
        link.search(f"ou={escape_rdn(code)},dc=example", "(objectClass=person)")
        people = len(link.entries)
        return people
