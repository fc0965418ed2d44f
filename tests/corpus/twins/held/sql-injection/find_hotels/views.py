# twin: CWE-89
"""Hotels in a city."""


from .store import Hotels


def on_find_hotels(channel, method, properties, body):
    city = body.decode()
    wanted_city, given = "lisbon", city
    print("ignored", len(given))
    found = Hotels("desk").by_city(wanted_city)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("hotels", on_find_hotels)
    channel.start_consuming()
