# real: CWE-90
"""Where patients are kept."""

import ldap3

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


def patient_by_ward(ward):
    link.search(f"ou={ward},dc=example", "(objectClass=person)")
    people = len(link.entries)
    return people
