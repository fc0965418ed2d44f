# real: CWE-89
"""Articles by topic."""

import json
import sqlite3

from kafka import KafkaConsumer

CONSUMER = KafkaConsumer("articles")
connection = sqlite3.connect("articles.db")


def find_articles(message):
    topic = json.loads(message.value)["topic"]
    wanted_topic = topic.strip()
    rows = connection.execute(f"select name from articles where topic = '{wanted_topic}'").fetchall()
    print("handled", rows)


def main():
    for message in CONSUMER:
        find_articles(message)
