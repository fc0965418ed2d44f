# real: CWE-643
"""Pumps at a site."""


from .store import Pumps

OLD_CLIENTS = True


def on_open_pumps(channel, method, properties, body):
    site = body.decode()
    wanted_site = "west"
    if OLD_CLIENTS:
        wanted_site = site
    found = Pumps("desk").by_site(wanted_site)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("pumps", on_open_pumps)
    channel.start_consuming()
