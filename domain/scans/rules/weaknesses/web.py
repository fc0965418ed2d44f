"""What browsers, logs and other servers get: pages, redirects, headers, calls."""

from __future__ import annotations

from domain.scans.rules.model import Level, Weakness

_XSS = Weakness(
    key="cross-site-scripting",
    title="Reflected cross-site scripting (XSS)",
    cwe="CWE-79",
    impact=Level.MEDIUM,
    rules=(
        ("python-reflected-xss", Level.HIGH),
        ("dataflow-xss", Level.HIGH),
        ("python-escaping-off", Level.MEDIUM),
        ("B308", Level.LOW),
        ("B701", Level.MEDIUM),
        ("B702", Level.LOW),
        ("B703", Level.LOW),
        ("B704", Level.LOW),
    ),
    what="A value becomes HTML of a page as it is, or a template engine does not escape values.",
    why="A link with `<script>` in it runs in the browser of whoever follows it, with that person's session.",
    fix="Render a template with escaping on, or escape with `markupsafe.escape`. Send other data as JSON or "
    "plain text.",
    weak="""\
import jinja2
from flask import Flask, request

app = Flask(__name__)
pages = jinja2.Environment(autoescape=False)


@app.get("/hello")
def hello():
    return "<h1>Hello " + request.args.get("name", "") + "</h1>"
""",
    safe="""\
import jinja2
from flask import Flask, request
from markupsafe import escape

app = Flask(__name__)
pages = jinja2.Environment(autoescape=True)


@app.get("/hello")
def hello():
    return "<h1>Hello " + escape(request.args.get("name", "")) + "</h1>"
""",
)

_REDIRECT = Weakness(
    key="open-redirect",
    title="Open redirect",
    cwe="CWE-601",
    impact=Level.LOW,
    rules=(("python-open-redirect", Level.HIGH), ("dataflow-open-redirect", Level.HIGH)),
    what="A value is the target of a redirect.",
    why="A link that starts with the address people trust ends at a copy of the login page somewhere else.",
    fix="Redirect to a place of a list, or to a path of this site: no host, one slash at the start.",
    weak="""\
from flask import Flask, redirect, request

app = Flask(__name__)


@app.get("/after-login")
def after_login():
    return redirect(request.args.get("next", "/"))
""",
    safe="""\
from flask import Flask, redirect, request

app = Flask(__name__)
PLACES = ("/", "/orders", "/account")


@app.get("/after-login")
def after_login():
    place = request.args.get("next", "/")
    if place not in PLACES:
        return redirect("/")
    return redirect(place)
""",
)

_FORGERY = Weakness(
    key="server-side-request-forgery",
    title="Server-side request forgery (SSRF)",
    cwe="CWE-918",
    impact=Level.HIGH,
    rules=(
        ("python-server-side-request-forgery", Level.MEDIUM),
        ("dataflow-ssrf", Level.HIGH),
    ),
    what="A value is, or is part of, an address that this server opens.",
    why="The server reaches what the stranger does not: the cloud's metadata service, databases, `file:///etc/passwd`.",
    fix="Compare the host with a list of known ones after parsing, allow https only, and do not follow redirects.",
    weak="""\
from urllib.request import urlopen

from flask import Flask, request

app = Flask(__name__)


@app.get("/preview")
def preview():
    return {"text": urlopen(request.args.get("url", ""), timeout=5).read().decode()}
""",
    safe="""\
import requests
from flask import Flask, request

app = Flask(__name__)
PAGES = {"news": "https://news.example/latest", "help": "https://help.example/start"}


@app.get("/preview")
def preview():
    name = request.args.get("page", "help")
    if name not in PAGES:
        return {"text": ""}, 404
    return {"text": requests.get(PAGES[name], timeout=5, allow_redirects=False).text}
""",
)

_OPENED = Weakness(
    key="address-opened",
    title="URL opened with any scheme",
    cwe="CWE-918",
    impact=Level.MEDIUM,
    rules=(("B310", Level.LOW), ("B309", Level.LOW), ("B411", Level.LOW)),
    what="A function is used that opens addresses of any kind, `file:` too. Who chooses the address was not seen.",
    why="If a stranger does, this server reads its own files, or calls servers that only it reaches.",
    fix="Open addresses of `https` with a client that knows nothing else.",
    weak="""\
from urllib.request import urlopen


def news(address):
    return urlopen(address, timeout=5).read()
""",
    safe="""\
import requests


def news(address):
    return requests.get(address, timeout=5).content
""",
)

_DEBUG = Weakness(
    key="debugger-on",
    title="Debug mode is enabled",
    cwe="CWE-489",
    impact=Level.HIGH,
    rules=(("python-debugger-on", Level.LOW), ("B201", Level.LOW)),
    what="The program runs with the interactive debugger of its framework.",
    why="Whoever reaches an error page runs code on this machine, and sees settings and sources.",
    fix="Leave it off, and switch it on from the environment where you develop.",
    weak="""\
from flask import Flask

app = Flask(__name__)

if __name__ == "__main__":
    app.run(debug=True)
""",
    safe="""\
from flask import Flask

app = Flask(__name__)

if __name__ == "__main__":
    app.run()
""",
)

_ATTRIBUTE = Weakness(
    key="attribute-from-request",
    title="Mass assignment",
    cwe="CWE-915",
    impact=Level.MEDIUM,
    rules=(("python-attribute-from-request", Level.HIGH),),
    what="A value is the name of an attribute that is set.",
    why="`is_admin` is an attribute too.",
    fix="Set attributes of a list of your own.",
    weak="""\
from flask import Flask, request

app = Flask(__name__)


class Person:
    name = ""


@app.post("/person")
def change():
    person = Person()
    setattr(person, request.form["field"], "new")
    return {"name": person.name}
""",
    safe="""\
from flask import Flask, request

app = Flask(__name__)


class Person:
    name = ""


@app.post("/person")
def change():
    person = Person()
    person.name = request.form["name"]
    return {"name": person.name}
""",
)

_LINES = Weakness(
    key="log-injection",
    title="Log injection",
    cwe="CWE-117",
    impact=Level.LOW,
    rules=(("dataflow-log-injection", Level.MEDIUM),),
    what="A value with line ends becomes part of a log.",
    why="A value with a line end writes lines of its own: what did not happen stands in the log.",
    fix="Remove line ends, or log the value with `%r`.",
    weak="""\
import logging

from flask import Flask, request

app = Flask(__name__)


@app.get("/orders")
def orders():
    logging.info("asked for " + request.args.get("status", ""))
    return {"orders": []}
""",
    safe="""\
import logging

from flask import Flask, request

app = Flask(__name__)


@app.get("/orders")
def orders():
    logging.info("asked for %d letters", len(request.args.get("status", "")))
    return {"orders": []}
""",
)

_HEADER = Weakness(
    key="header-injection",
    title="HTTP header injection",
    cwe="CWE-113",
    impact=Level.LOW,
    rules=(("dataflow-header-injection", Level.MEDIUM),),
    what="A value becomes part of a header of the answer.",
    why="Where the framework lets line ends through, the value writes other headers, or the page itself.",
    fix="Take the value from a list of your own, or remove everything but letters and digits.",
    weak="""\
from flask import Flask, make_response, request

app = Flask(__name__)


@app.get("/report")
def report():
    reply = make_response("report")
    reply.headers["X-Layout"] = request.args.get("layout", "")
    return reply
""",
    safe="""\
from flask import Flask, make_response, request

app = Flask(__name__)


@app.get("/report")
def report():
    reply = make_response("report")
    reply.headers["X-Layout"] = "wide" if request.args.get("layout") == "wide" else "plain"
    return reply
""",
)

WEB = (_XSS, _REDIRECT, _FORGERY, _OPENED, _DEBUG, _ATTRIBUTE, _LINES, _HEADER)
