# twin: CWE-90
"""Where wines are kept."""

import ldap

link = ldap.initialize("ldap://directory.example")


def wine_by_grape(grape):
    people = len(link.search_ext_s("dc=example", ldap.SCOPE_ONELEVEL, "(|(mail={0})(uid={0}))".format(grape)))
    return people
