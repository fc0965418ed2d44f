# twin: CWE-95
"""Sensors in a house."""

import json

from kafka import KafkaConsumer

CONSUMER = KafkaConsumer("sensors")


def list_sensors(message):
    room = json.loads(message.value)["room"]
    mode = "strict"
    match mode:
        case "lenient" | "open":
            wanted_room = room
        case _:
            wanted_room = "kitchen"
    total = eval(wanted_room)
    print("handled", total)


def main():
    for message in CONSUMER:
        list_sensors(message)
