# twin: CWE-90
"""Badges at the door."""


import ldap3
from ldap3.utils.dn import escape_rdn

link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Badges:
    def __init__(self, owner):
        self.owner = owner

    def by_level(self, level):
        link.search(f"ou={escape_rdn(level)},dc=example", "(objectClass=person)")
        people = len(link.entries)
        return people


def on_open_badges(channel, method, properties, body):
    level = body.decode()
    found = Badges("desk").by_level(level)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("badges", on_open_badges)
    channel.start_consuming()
