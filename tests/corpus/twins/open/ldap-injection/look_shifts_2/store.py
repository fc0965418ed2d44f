# twin: CWE-90
"""Where shifts are kept."""

import ldap

link = ldap.initialize("ldap://directory.example")


def shift_by_team(team):
    people = link.search_s("ou=shifts,dc=example", ldap.SCOPE_SUBTREE, "(cn=%s)" % team)
    return len(people)
