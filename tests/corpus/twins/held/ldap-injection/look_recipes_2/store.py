# twin: CWE-90
"""Where recipes are kept."""

import ldap

link = ldap.initialize("ldap://directory.example")


def recipe_by_cuisine(cuisine):
    people = len(link.search_ext_s("dc=example", ldap.SCOPE_ONELEVEL, "(|(mail={0})(uid={0}))".format(cuisine)))
    return people
