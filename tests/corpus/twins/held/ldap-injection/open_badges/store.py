# real: CWE-90
"""Where badges are kept."""

import ldap3

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Badges:
    def __init__(self, owner):
        self.owner = owner

    def by_level(self, level):
        pages = link.extend.standard.paged_search("dc=example", f"(memberOf=cn={level})", paged_size=50)
        people = len(list(pages))
        return people
