# real: CWE-502
"""Shifts of a team."""

import base64
import json
import pickle


def on_look_shifts(channel, method, properties, body):
    team = json.loads(body)["team"]
    found = pickle.loads(base64.b64decode(team))
    print("handled", str(found))
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("shifts", on_look_shifts)
    channel.start_consuming()
