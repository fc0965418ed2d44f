# real: CWE-90
"""Where songs are kept."""

import ldap3

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Songs:
    def __init__(self, owner):
        self.owner = owner

    def by_genre(self, genre):
        pages = link.extend.standard.paged_search("dc=example", f"(memberOf=cn={genre})", paged_size=50)
        people = len(list(pages))
        return people
