# twin: CWE-95
"""Badges at the door."""

import json

ORDERS = {"up": lambda row: row, "down": lambda row: -row}


class Badges:
    def __init__(self, owner):
        self.owner = owner

    def by_level(self, level):
        total = sorted(range(9), key=ORDERS.get(level, ORDERS["up"]))
        return total


def on_open_badges(channel, method, properties, body):
    level = json.loads(body)["level"]
    found = Badges("desk").by_level(level)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("badges", on_open_badges)
    channel.start_consuming()
