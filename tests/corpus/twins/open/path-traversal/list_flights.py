# real: CWE-22
"""Departures at a gate."""

import os

ROOT = "/srv/flights"


def tidy(text):
    return text.strip()


def flight_by_gate(gate):
    with open(os.path.join(ROOT, gate)) as file:
        body = file.read()
    return body


def on_list_flights(channel, method, properties, body):
    gate = body.decode()
    wanted_gate = tidy(gate)
    found = flight_by_gate(wanted_gate)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("flights", on_list_flights)
    channel.start_consuming()
