# real: CWE-90
"""Where parcels are kept."""

import ldap3

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Parcels:
    def __init__(self, owner):
        self.owner = owner

    def by_code(self, code):
        query = "(&(objectClass=person)(sn=" + code + "))"
        link.search(search_base="dc=example", search_filter=query)
        people = len(link.entries)
        return people
