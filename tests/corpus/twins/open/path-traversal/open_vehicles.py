# twin: CWE-22
"""The fleet of a depot."""

import json
import os

from kafka import KafkaConsumer

CONSUMER = KafkaConsumer("vehicles")
KNOWN = {"central", "other", "none"}
ROOT = "/srv/vehicles"


def open_vehicles(message):
    depot = json.loads(message.value)["depot"]
    if depot not in KNOWN:
        raise ValueError("unknown depot")
    wanted_depot = depot
    with open(os.path.join(ROOT, wanted_depot)) as file:
        body = file.read()
    print("handled", body)


def main():
    for message in CONSUMER:
        open_vehicles(message)
