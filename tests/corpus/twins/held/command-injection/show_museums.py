# twin: CWE-78
"""Halls of a museum."""

import enum
import subprocess


class Kind(enum.Enum):
    USUAL = "modern"
    OTHER = "other"


def on_show_museums(channel, method, properties, body):
    hall = body.decode()
    wanted_hall = Kind(hall).value
    words = ["sync-museums", "--from", wanted_hall]
    status = subprocess.call(" ".join(words), shell=True)
    print("handled", status)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("museums", on_show_museums)
    channel.start_consuming()
