# twin: CWE-502
"""Shifts of a team."""

import io
import pickle


CHOICES = ("night", "other", "none")


def checked(text):
    if text not in CHOICES:
        raise ValueError("not a choice")
    return text


def on_open_shifts(channel, method, properties, body):
    team = body.decode()
    wanted_team = checked(team)
    reader = pickle.Unpickler(io.BytesIO(bytes.fromhex(wanted_team)))
    found = reader.load()
    print("handled", str(found))
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("shifts", on_open_shifts)
    channel.start_consuming()
