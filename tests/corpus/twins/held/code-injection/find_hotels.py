# real: CWE-95
"""Hotels in a city."""

import json

from kafka import KafkaConsumer

CONSUMER = KafkaConsumer("hotels")


def find_hotels(message):
    city = json.loads(message.value)["city"]
    first, _, rest = ("lisbon:" + city).partition(":")
    wanted_city = rest
    total = eval(compile("({})".format(wanted_city), "hotels", "eval"), {"max": max, "min": min})
    print("handled", total)


def main():
    for message in CONSUMER:
        find_hotels(message)
