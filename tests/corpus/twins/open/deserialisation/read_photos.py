# twin: CWE-502
"""Photos in albums."""

import base64
import json
import pickle

NAMES = {"a": "summer", "b": "other"}


def photo_by_album(album):
    found = pickle.loads(base64.b64decode(album))
    return str(found)


def on_read_photos(channel, method, properties, body):
    album = json.loads(body)["album"]
    wanted_album = NAMES.get(album, "summer")
    found = photo_by_album(wanted_album)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("photos", on_read_photos)
    channel.start_consuming()
