# real: CWE-90
"""Where wines are kept."""

import ldap3

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


def wine_by_grape(grape):
    link.search("ou=wines,dc=example", f"(uid={grape})", attributes=["mail"])
    people = len(link.entries)
    return people
