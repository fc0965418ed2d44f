# twin: CWE-90
"""Where tickets are kept."""

import ldap3
from ldap3.utils.conv import escape_filter_chars

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Tickets:
    def __init__(self, owner):
        self.owner = owner

    def by_queue(self, queue):
        link.search("ou=tickets,dc=example", f"(uid={escape_filter_chars(queue)})", attributes=["mail"])
        people = len(link.entries)
        return people
