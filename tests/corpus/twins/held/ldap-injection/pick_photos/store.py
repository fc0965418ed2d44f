# real: CWE-90
"""Where photos are kept."""

import ldap3

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


def photo_by_album(album):
    link.search(f"ou={album},dc=example", "(objectClass=person)")
    people = len(link.entries)
    return people
