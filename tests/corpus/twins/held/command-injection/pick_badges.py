# twin: CWE-78
"""Badges at the door."""

import json
import shlex
import subprocess

from kafka import KafkaConsumer

CONSUMER = KafkaConsumer("badges")


class Badges:
    def __init__(self, owner):
        self.owner = owner

    def by_level(self, level):
        words = ["sync-badges", "--from", level]
        status = subprocess.call(shlex.join(words), shell=True)
        return status


def pick_badges(message):
    level = json.loads(message.value)["level"]
    found = Badges("desk").by_level(level)
    print("handled", found)


def main():
    for message in CONSUMER:
        pick_badges(message)
