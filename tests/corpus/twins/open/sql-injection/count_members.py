# real: CWE-89
"""Members of clubs."""

import json
import sqlite3

connection = sqlite3.connect("members.db")


def on_count_members(channel, method, properties, body):
    club = json.loads(body)["club"]
    wanted = {"sort": "chess"}
    wanted["club"] = club
    wanted_club = wanted["club"]
    rows = connection.execute(f"select name from members where club = '{wanted_club}'").fetchall()
    print("handled", rows)
    channel.basic_ack(method.delivery_tag)


def main(channel):
    channel.basic_consume("members", on_count_members)
    channel.start_consuming()
