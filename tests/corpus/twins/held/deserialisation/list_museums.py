# real: CWE-502
"""Halls of a museum."""

import io
import pickle


class Form:
    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.text.strip()


def museum_by_hall(hall):
    reader = pickle.Unpickler(io.BytesIO(bytes.fromhex(hall)))
    found = reader.load()
    return str(found)


def on_list_museums(channel, method, properties, body):
    hall = body.decode()
    wanted_hall = Form(hall).cleaned()
    found = museum_by_hall(wanted_hall)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("museums", on_list_museums)
    channel.start_consuming()
