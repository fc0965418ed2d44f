# real: CWE-90
"""Where surveys are kept."""

import ldap3

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


def survey_by_panel(panel):
    link.search("ou=surveys,dc=example", f"(uid={panel})", attributes=["mail"])
    people = len(link.entries)
    return people
