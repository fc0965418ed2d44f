# twin: CWE-90
"""Where songs are kept."""

import ldap3
from ldap3.utils.conv import escape_filter_chars

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Songs:
    def __init__(self, owner):
        self.owner = owner

    def by_genre(self, genre):
        link.search("ou=songs,dc=example", f"(uid={escape_filter_chars(genre)})", attributes=["mail"])
        people = len(link.entries)
        return people
