# twin: CWE-90
"""The fleet of a depot."""

import json

import ldap3
from kafka import KafkaConsumer

CONSUMER = KafkaConsumer("vehicles")
KNOWN = {"central", "other", "none"}
link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


def open_vehicles(message):
    depot = json.loads(message.value)["depot"]
    if depot not in KNOWN:
        raise ValueError("unknown depot")
    wanted_depot = depot
    query = "(&(objectClass=person)(sn=" + wanted_depot + "))"
    link.search(search_base="dc=example", search_filter=query)
    people = len(link.entries)
    print("handled", people)


def main():
    for message in CONSUMER:
        open_vehicles(message)
