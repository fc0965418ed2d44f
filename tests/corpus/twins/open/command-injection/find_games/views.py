# twin: CWE-78
"""Games of a league."""

import json

from .store import Games


def on_find_games(channel, method, properties, body):
    league = json.loads(body)["league"]
    found = Games("desk").by_league(league)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("games", on_find_games)
    channel.start_consuming()
