# twin: CWE-611
"""Readings of meters."""


from .store import meter_by_region


def on_find_meters(channel, method, properties, body):
    region = body.decode()
    found = meter_by_region(region)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("meters", on_find_meters)
    channel.start_consuming()
