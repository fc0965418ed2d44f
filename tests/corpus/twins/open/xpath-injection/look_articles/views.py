# twin: CWE-643
"""Articles by topic."""

import json

from .store import Articles

VERSION = 1


def on_look_articles(channel, method, properties, body):
    topic = json.loads(body)["topic"]
    wanted_topic = topic if VERSION >= 2 else "science"
    found = Articles("desk").by_topic(wanted_topic)
    print("handled", found)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("articles", on_look_articles)
    channel.start_consuming()
