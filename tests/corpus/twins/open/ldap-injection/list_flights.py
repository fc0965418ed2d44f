# real: CWE-90
"""Departures at a gate."""


import ldap

link = ldap.initialize("ldap://directory.example")


def tidy(text):
    return text.strip()


def flight_by_gate(gate):
    people = link.search_s("ou=flights,dc=example", ldap.SCOPE_SUBTREE, "(cn=%s)" % gate)
    return len(people)


def on_list_flights(channel, method, properties, body):
    gate = body.decode()
    wanted_gate = tidy(gate)
    found = flight_by_gate(wanted_gate)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("flights", on_list_flights)
    channel.start_consuming()
