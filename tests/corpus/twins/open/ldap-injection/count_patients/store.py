# twin: CWE-90
"""Where patients are kept."""

import ldap

link = ldap.initialize("ldap://directory.example")


def patient_by_ward(ward):
    people = link.search_s("ou=patients,dc=example", ldap.SCOPE_SUBTREE, "(cn=%s)" % ward)
    return len(people)
