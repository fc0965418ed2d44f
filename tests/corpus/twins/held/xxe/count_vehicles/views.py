# twin: CWE-611
"""The fleet of a depot."""

import enum
import json

from kafka import KafkaConsumer

from .store import Vehicles

CONSUMER = KafkaConsumer("vehicles")


class Kind(enum.Enum):
    USUAL = "central"
    OTHER = "other"


def count_vehicles(message):
    depot = json.loads(message.value)["depot"]
    wanted_depot = Kind(depot).value
    found = Vehicles("desk").by_depot(wanted_depot)
    print("handled", found)


def main():
    for message in CONSUMER:
        count_vehicles(message)
