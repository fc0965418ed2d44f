"""Text that somebody else's interpreter reads: SQL, shells, directories, XPath."""

from __future__ import annotations

from domain.scans.rules.model import Level, Weakness

_SQL = Weakness(
    key="sql-injection",
    title="SQL injection",
    cwe="CWE-89",
    impact=Level.HIGH,
    rules=(
        ("python-sql-injection", Level.MEDIUM),
        ("python-sql-injection-from-request", Level.HIGH),
        ("dataflow-sql-injection", Level.HIGH),
        ("B608", Level.MEDIUM),
        ("B610", Level.MEDIUM),
        ("B611", Level.MEDIUM),
    ),
    what="A value becomes part of the text of an SQL statement, so the database reads it as SQL.",
    why="Whoever chooses the value reads, changes or deletes what the database user may: `' or 1=1 --` is "
    "enough to start.",
    fix="Write a placeholder and pass the value as a parameter. Names of tables and columns cannot be "
    "parameters: take them from a "
    "list of your own.",
    weak="""\
import sqlite3

from flask import Flask, request

app = Flask(__name__)
database = sqlite3.connect("shop.db")


@app.get("/orders")
def orders():
    status = request.args.get("status", "")
    return database.execute(f"select id from orders where status = '{status}'").fetchall()
""",
    safe="""\
import sqlite3

from flask import Flask, request

app = Flask(__name__)
database = sqlite3.connect("shop.db")


@app.get("/orders")
def orders():
    status = request.args.get("status", "")
    return database.execute("select id from orders where status = ?", (status,)).fetchall()
""",
)

_COMMAND = Weakness(
    key="command-injection",
    title="Command injection",
    cwe="CWE-78",
    impact=Level.HIGH,
    rules=(
        ("python-shell-injection", Level.MEDIUM),
        ("python-command-injection", Level.HIGH),
        ("dataflow-command-injection", Level.HIGH),
        ("B601", Level.MEDIUM),
        ("B602", Level.MEDIUM),
        ("B604", Level.LOW),
        ("B605", Level.MEDIUM),
        ("B609", Level.LOW),
    ),
    what="A value becomes part of a command line that a shell reads.",
    why="`; curl … | sh` in the value is a second command, which runs with the rights of this program.",
    fix="Call the program with a list of arguments and without a shell; put `--` in front of values that may "
    "start with `-`. Where a "
    "shell is needed, quote with `shlex.quote`.",
    weak="""\
import os

from flask import Flask, request

app = Flask(__name__)


@app.post("/archive")
def archive():
    folder = request.form["folder"]
    return {"code": os.system("tar czf /tmp/archive.tgz " + folder)}
""",
    safe="""\
import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.post("/archive")
def archive():
    folder = request.form["folder"]
    return {"code": subprocess.run(["tar", "czf", "/tmp/archive.tgz", "--", folder], check=False).returncode}
""",
)

_PROCESS = Weakness(
    key="process-started",
    title="Subprocess started",
    cwe="CWE-78",
    impact=Level.LOW,
    rules=(("B404", Level.LOW), ("B603", Level.LOW), ("B606", Level.LOW), ("B607", Level.LOW)),
    what="The program starts another one, or imports what starts one. No value was seen to choose it.",
    why="It matters only where a stranger chooses the program or its arguments; then another rule reports that too.",
    fix="Nothing, where the arguments are constants or checked. Name the program by its full path where "
    "`PATH` is not yours.",
    weak="""\
import subprocess


def updated():
    return subprocess.run(["git", "pull"], check=True)
""",
    safe="""\
def updated(repository):
    return repository.pull()
""",
)

_LDAP = Weakness(
    key="ldap-injection",
    title="LDAP injection",
    cwe="CWE-90",
    impact=Level.HIGH,
    rules=(("python-ldap-injection", Level.HIGH), ("dataflow-ldap-injection", Level.HIGH)),
    what="A value becomes part of a search filter or of a distinguished name of a directory.",
    why="`*)(uid=*` in the value finds other entries than meant: people log in as somebody else, or read what"
    " is not theirs.",
    fix="Escape values in filters with `escape_filter_chars`, values in names with `escape_rdn`.",
    weak="""\
import ldap3
from flask import Flask, request

app = Flask(__name__)
directory = ldap3.Connection(ldap3.Server("directory"))


@app.get("/people")
def people():
    name = request.args.get("name", "")
    directory.search("dc=example", f"(cn={name})")
    return {"found": len(directory.entries)}
""",
    safe="""\
import ldap3
from flask import Flask, request
from ldap3.utils.conv import escape_filter_chars

app = Flask(__name__)
directory = ldap3.Connection(ldap3.Server("directory"))


@app.get("/people")
def people():
    name = escape_filter_chars(request.args.get("name", ""))
    directory.search("dc=example", f"(cn={name})")
    return {"found": len(directory.entries)}
""",
)

_XPATH = Weakness(
    key="xpath-injection",
    title="XPath injection",
    cwe="CWE-643",
    impact=Level.MEDIUM,
    rules=(("python-xpath-injection", Level.HIGH), ("dataflow-xpath-injection", Level.HIGH)),
    what="A value becomes part of an XPath expression.",
    why="`' or '1'='1` selects every node: the whole document can be read, whatever the expression was meant to find.",
    fix="Pass the value as a variable of the expression (`$name`), or compare in Python.",
    weak="""\
from flask import Flask, request
from lxml import etree

app = Flask(__name__)
people = etree.parse("people.xml")


@app.get("/mail")
def mail():
    name = request.args.get("name", "")
    return {"mail": people.xpath(f"string(//person[@name='{name}']/mail)")}
""",
    safe="""\
from flask import Flask, request
from lxml import etree

app = Flask(__name__)
people = etree.parse("people.xml")


@app.get("/mail")
def mail():
    name = request.args.get("name", "")
    return {"mail": people.xpath("string(//person[@name=$name]/mail)", name=name)}
""",
)

_NOSQL = Weakness(
    key="nosql-injection",
    title="NoSQL injection",
    cwe="CWE-943",
    impact=Level.HIGH,
    rules=(("python-nosql-injection", Level.HIGH),),
    what="A value becomes part of JavaScript that a document database runs (`$where`, `map_reduce`).",
    why="The value is code there: it reads other documents, or keeps the database busy for ever.",
    fix="Use operators (`{'name': name}`) instead of `$where`.",
    weak="""\
from flask import Flask, request
from pymongo import MongoClient

app = Flask(__name__)
people = MongoClient().shop.people


@app.get("/people")
def found():
    name = request.args.get("name", "")
    return {"found": people.count_documents({"$where": "this.name == '" + name + "'"})}
""",
    safe="""\
from flask import Flask, request
from pymongo import MongoClient

app = Flask(__name__)
people = MongoClient().shop.people


@app.get("/people")
def found():
    name = request.args.get("name", "")
    return {"found": people.count_documents({"name": name})}
""",
)

_PATH = Weakness(
    key="path-traversal",
    title="Path traversal",
    cwe="CWE-22",
    impact=Level.HIGH,
    rules=(("python-path-traversal", Level.HIGH), ("dataflow-path-traversal", Level.HIGH)),
    what="A value becomes part of a path without being kept inside a folder.",
    why="`../../etc/passwd`, or a path that starts with `/`, reads, overwrites or removes files of this machine.",
    fix="Resolve the path and compare it with the folder, or take only the last part of the name (`secure_filename`).",
    weak="""\
from flask import Flask, request

app = Flask(__name__)


@app.get("/manual")
def manual():
    with open("/srv/manuals/" + request.args.get("name", "")) as file:
        return {"text": file.read()}
""",
    safe="""\
from flask import Flask, request
from werkzeug.utils import secure_filename

app = Flask(__name__)


@app.get("/manual")
def manual():
    with open("/srv/manuals/" + secure_filename(request.args.get("name", ""))) as file:
        return {"text": file.read()}
""",
)

INJECTION = (_SQL, _COMMAND, _LDAP, _XPATH, _NOSQL, _PATH, _PROCESS)
