# real: CWE-502
"""The fleet of a depot."""

import json

from kafka import KafkaConsumer

from .store import Vehicles

CONSUMER = KafkaConsumer("vehicles")


def open_vehicles(message):
    depot = json.loads(message.value)["depot"]
    wanted = {"sort": "central"}
    wanted["depot"] = depot
    wanted_depot = wanted["depot"]
    found = Vehicles("desk").by_depot(wanted_depot)
    print("handled", found)


def main():
    for message in CONSUMER:
        open_vehicles(message)
