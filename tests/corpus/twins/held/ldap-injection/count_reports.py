# real: CWE-90
"""Reports in a layout."""

import json

import ldap
from kafka import KafkaConsumer

CONSUMER = KafkaConsumer("reports")
CHOICES = ("plain", "other")
link = ldap.initialize("ldap://directory.example")


def count_reports(message):
    layout = json.loads(message.value)["layout"]
    wanted_layout = layout
    for choice in CHOICES:
        if wanted_layout == choice + "s":
            wanted_layout = choice
    people = len(link.search_ext_s("dc=example", ldap.SCOPE_ONELEVEL, "(|(mail={0})(uid={0}))".format(wanted_layout)))
    print("handled", people)


def main():
    for message in CONSUMER:
        count_reports(message)
