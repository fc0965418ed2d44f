"""Files, ports, permissions, errors: what surrounds the program."""

from __future__ import annotations

from domain.scans.rules.model import Level, Weakness

_TEMPORARY = Weakness(
    key="guessable-temporary-file",
    title="Insecure temporary file",
    cwe="CWE-377",
    impact=Level.MEDIUM,
    rules=(("python-guessable-temporary-file", Level.MEDIUM), ("B108", Level.LOW), ("B306", Level.MEDIUM)),
    what="A file is made in a folder that everybody may write, under a name that is known before.",
    why="Somebody else makes it first, as a link to a file that this program then overwrites.",
    fix="Use `tempfile.NamedTemporaryFile`, `mkstemp` or `TemporaryDirectory`.",
    weak="""\
import tempfile

NAME = tempfile.mktemp()
""",
    safe="""\
import tempfile

FILE = tempfile.NamedTemporaryFile()
""",
)

_PERMISSIONS = Weakness(
    key="world-writable",
    title="World-writable file permissions",
    cwe="CWE-732",
    impact=Level.MEDIUM,
    rules=(("python-world-writable", Level.MEDIUM), ("B103", Level.MEDIUM)),
    what="A file or folder is made writable for everybody.",
    why="Any other program of the machine changes what this one reads or runs.",
    fix="0o600 for files, 0o700 for folders; a group where others need it.",
    weak="""\
import os

os.chmod("/srv/shop/settings.ini", 0o777)
""",
    safe="""\
import os

os.chmod("/srv/shop/settings.ini", 0o600)
""",
)

_ASSERT = Weakness(
    key="assert-guards",
    title="Assertion used as a security check",
    cwe="CWE-617",
    impact=Level.MEDIUM,
    rules=(("python-assert-guards", Level.LOW),),
    what="A check of rights is an `assert`.",
    why="Python leaves assertions out when it runs with -O: then everybody is let in.",
    fix="Raise an exception.",
    weak="""\
def remove(user, order):
    assert user.is_admin
    order.delete()
""",
    safe="""\
def remove(user, order):
    if not user.is_admin:
        raise PermissionError("only an administrator removes orders")
    order.delete()
""",
)

_ANY_ASSERT = Weakness(
    key="assert-used",
    title="Assertion outside of tests",
    cwe="CWE-703",
    impact=Level.LOW,
    rules=(("B101", Level.LOW),),
    what="`assert` is used. What it checks was not seen.",
    why="Python leaves it out when it runs with -O; it matters where the check is needed then.",
    fix="Raise an exception where the check is needed in production.",
    weak="""\
def half(number):
    assert number % 2 == 0
    return number // 2
""",
    safe="""\
def half(number):
    if number % 2:
        raise ValueError(number)
    return number // 2
""",
)

_SWALLOWED = Weakness(
    key="error-swallowed",
    title="Exception is silently ignored",
    cwe="CWE-703",
    impact=Level.LOW,
    rules=(("B110", Level.LOW), ("B112", Level.LOW)),
    what="An `except` for everything does nothing.",
    why="A check that failed looks like one that passed, and attacks leave no trace.",
    fix="Catch the error that you expect, and log the others.",
    weak="""\
def parsed(text):
    try:
        return int(text)
    except Exception:
        pass
""",
    safe="""\
def parsed(text):
    try:
        return int(text)
    except ValueError:
        return 0
""",
)

_TIMEOUT = Weakness(
    key="no-timeout",
    title="Request without a timeout",
    cwe="CWE-400",
    impact=Level.LOW,
    rules=(("B113", Level.MEDIUM),),
    what="Another server is called without a timeout.",
    why="One that does not answer holds a worker for ever.",
    fix="Pass `timeout`.",
    weak="""\
import requests


def latest():
    return requests.get("https://updates.example/latest").json()
""",
    safe="""\
import requests


def latest():
    return requests.get("https://updates.example/latest", timeout=5).json()
""",
)

_INTERFACE = Weakness(
    key="every-interface",
    title="Service binds to all interfaces",
    cwe="CWE-605",
    impact=Level.LOW,
    rules=(("B104", Level.MEDIUM),),
    what="A port is opened on 0.0.0.0.",
    why="Networks reach it that were not meant; in a container that is usual, on a machine often not.",
    fix="Name the address, or 127.0.0.1 behind a proxy.",
    weak="""\
import socket

LISTENER = socket.create_server(("0.0.0.0", 8080))
""",
    safe="""\
import socket

LISTENER = socket.create_server(("127.0.0.1", 8080))
""",
)

_PLAIN = Weakness(
    key="plain-text-protocol",
    title="Cleartext protocol",
    cwe="CWE-319",
    impact=Level.MEDIUM,
    rules=(
        *((f"B{number}", Level.LOW) for number in (312, 321, 401, 402, 412, 415)),
        ("B508", Level.MEDIUM),
        ("B509", Level.MEDIUM),
    ),
    what="Telnet, FTP, or SNMP before version 3.",
    why="Passwords and data can be read on the way.",
    fix="SSH, SFTP or FTPS, SNMPv3.",
    weak="""\
import ftplib


def upload(host, password):
    return ftplib.FTP(host, "shop", password)
""",
    safe="""\
import requests


def upload(host, body):
    return requests.put(f"https://{host}/upload", data=body, timeout=30)
""",
)

_LOGGING = Weakness(
    key="logging-configuration-from-network",
    title="Logging configuration received over the network",
    cwe="CWE-94",
    impact=Level.HIGH,
    rules=(("B612", Level.LOW),),
    what="`logging.config.listen` opens a port whose input is evaluated.",
    why="Whoever reaches the port on this machine runs code.",
    fix="Read the settings from a file.",
    weak="""\
import logging.config

THREAD = logging.config.listen(9999)
""",
    safe="""\
import logging.config

logging.config.fileConfig("logging.ini")
""",
)

_SETTINGS = Weakness(
    key="settings-of-development",
    title="Django settings for development",
    cwe="CWE-489",
    impact=Level.MEDIUM,
    rules=(("python-django-debug-on", Level.MEDIUM), ("python-django-any-host", Level.LOW)),
    what="`DEBUG` is on, or every host is allowed. In a file named for development it counts less.",
    why="Error pages show settings, queries and sources; a made-up host ends up in the links of mails.",
    fix="Take `DEBUG` from the environment, off by default, and list the hosts of the site.",
    weak="""\
DEBUG = True
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["shop"]
""",
    safe="""\
import os

DEBUG = os.environ.get("SHOP_DEBUG") == "yes"
ALLOWED_HOSTS = ["shop.example"]
INSTALLED_APPS = ["shop"]
""",
)

_BIDIRECTIONAL = Weakness(
    key="text-in-another-order",
    title="Bidirectional control characters (Trojan Source)",
    cwe="CWE-838",
    impact=Level.HIGH,
    rules=(("B613", Level.MEDIUM),),
    what="A file has characters that change the direction of writing.",
    why="A reviewer reads a comment where the program has a statement, or the other way round.",
    fix="Take the characters out, or write them as `\\u202e`.",
    weak="""\
def is_admin(user):
    return user.name == "root"  # \u202e the end of a line that is read from the right
""",
    safe="""\
def is_admin(user):
    return user.name == "root"  # the end of a line
""",
)

_COMPLEX = Weakness(
    key="too-complex-to-follow",
    title="Code that is too complex for data flow analysis",
    cwe="CWE-1120",
    impact=Level.HIGH,
    rules=(("dataflow-not-followed", Level.MEDIUM),),
    what="Untrusted data may reach this function, and the analysis stopped before its end: it takes too many steps, "
    "calls go too deep, or one call may mean more than twelve functions.",
    why="What the data does behind that point is unknown. Whoever wants to hide a weakness could write code like this.",
    fix="Split the function, or call handlers by an explicit `if`. Where it has to stay, review it by hand and accept "
    "the finding: in a signed baseline, or as a suppression with a reason.",
    weak="""\
from flask import Flask, request

app = Flask(__name__)
WORDS = {
    "area": lambda value: f"area={value}",
    "brand": lambda value: f"brand={value}",
    "color": lambda value: f"color={value}",
    "depth": lambda value: f"depth={value}",
    "edge": lambda value: f"edge={value}",
    "form": lambda value: f"form={value}",
    "grade": lambda value: f"grade={value}",
    "height": lambda value: f"height={value}",
    "index": lambda value: f"index={value}",
    "joint": lambda value: f"joint={value}",
    "kind": lambda value: f"kind={value}",
    "length": lambda value: f"length={value}",
    "mass": lambda value: f"mass={value}",
}


@app.get("/filter")
def clause():
    kind = request.args.get("kind", "area")
    return {"clause": WORDS[kind](request.args.get("value", ""))}
""",
    safe="""\
from flask import Flask, request

app = Flask(__name__)
WORDS = ("area", "brand", "color", "depth")


@app.get("/filter")
def clause():
    kind = request.args.get("kind", "area")
    if kind not in WORDS:
        return {"clause": ""}, 404
    return {"clause": f"{kind}={request.args.get('value', '')}"}
""",
)

SYSTEM = (
    _COMPLEX,
    _TEMPORARY,
    _PERMISSIONS,
    _ASSERT,
    _LOGGING,
    _PLAIN,
    _TIMEOUT,
    _INTERFACE,
    _SWALLOWED,
    _ANY_ASSERT,
    _SETTINGS,
    _BIDIRECTIONAL,
)
