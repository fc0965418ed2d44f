# twin: CWE-89
"""Letters in folders."""

import json

import pymysql
from kafka import KafkaConsumer

CONSUMER = KafkaConsumer("letters")
connection = pymysql.connect(database="letters")


def letter_by_folder(folder):
    with connection.cursor() as cursor:
        cursor.execute("select name from letters where folder = %(wanted)s", {"wanted": folder})
        rows = cursor.fetchall()
    return rows


def count_letters(message):
    folder = json.loads(message.value)["folder"]
    found = letter_by_folder(folder)
    print("handled", found)


def main():
    for message in CONSUMER:
        count_letters(message)
