# twin: CWE-22
"""Badges at the door."""

import zipfile
from pathlib import PurePath

ROOT = "/srv/badges"


class Badges:
    def __init__(self, owner):
        self.owner = owner

    def by_level(self, level):
        with zipfile.ZipFile(f"{ROOT}/{PurePath(level).name}.zip") as archive:
            body = archive.namelist()
        return body


def on_open_badges(channel, method, properties, body):
    level = body.decode()
    found = Badges("desk").by_level(level)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("badges", on_open_badges)
    channel.start_consuming()
