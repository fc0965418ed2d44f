# real: CWE-90
"""Where orders are kept."""

import ldap3

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Orders:
    def __init__(self, owner):
        self.owner = owner

    def by_status(self, status):
        query = "(&(objectClass=person)(sn=" + status + "))"
        link.search(search_base="dc=example", search_filter=query)
        people = len(link.entries)
        return people
