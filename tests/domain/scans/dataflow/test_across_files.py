"""A value is followed through functions, classes and files, and the finding says every step."""

from domain.scans.findings.model import Severity
from tests.domain.scans.dataflow.support import found, rules

REPO = """
    class Repo:
        def __init__(self, db):
            self.db = db

        def find(self, name):
            sql = "select * from users where name = '%s'" % name
            return self.db.cursor().execute(sql).fetchall()

        def find_safely(self, name):
            return self.db.execute("select * from users where name = ?", (name,)).fetchall()
"""


def view(call: str, before: str = "") -> str:
    return f"""
import sqlite3
from flask import Flask, request
from repo import Repo

app = Flask(__name__)

@app.route("/users")
def users():
    name = request.args["name"]
    repo = Repo(sqlite3.connect("x.db")){before}
    return str(repo.{call}(name))
"""


def test_a_parameter_of_a_request_is_followed_into_the_cursor_of_a_data_access_class() -> None:
    (one,) = found(app=view("find"), repo=REPO)

    assert (one.path, one.rule, one.severity, one.cwe) == ("repo.py", "dataflow-sql-injection", Severity.HIGH, "CWE-89")
    assert [(step.path, step.text) for step in one.trace] == [
        ("app.py", "the request's args['name']"),
        ("app.py", "assigned to name"),
        ("app.py", "passed to find"),
        ("repo.py", "assigned to sql"),
        ("repo.py", "reaches the sink"),
    ]


def test_a_parameterised_query_behind_the_same_class_is_no_finding() -> None:
    assert rules(app=view("find_safely"), repo=REPO) == []


def test_a_value_that_is_replaced_on_the_only_way_is_no_finding() -> None:
    assert rules(app=view("find", '\n    if 7 * 6 > 40:\n        name = "all"'), repo=REPO) == []
