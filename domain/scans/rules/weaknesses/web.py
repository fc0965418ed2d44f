"""What browsers and other servers get: pages, redirects, sessions, cookies, calls."""

from __future__ import annotations

from domain.scans.rules.model import Level, Weakness

_XSS = Weakness(
    key="cross-site-scripting",
    title="A request is part of a page without being escaped",
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
    title="A request chooses where the browser goes",
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
    title="A request chooses an address that this server calls",
    cwe="CWE-918",
    impact=Level.HIGH,
    rules=(
        ("python-server-side-request-forgery", Level.MEDIUM),
        ("dataflow-ssrf", Level.HIGH),
        ("B310", Level.LOW),
        ("B309", Level.LOW),
        ("B411", Level.LOW),
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

_TRUST = Weakness(
    key="trust-boundary",
    title="A request is put into the session unchecked",
    cwe="CWE-501",
    impact=Level.LOW,
    rules=(("python-trust-boundary", Level.HIGH), ("dataflow-trust-boundary", Level.HIGH)),
    what="A value of a request is stored beside what the program itself has decided.",
    why="Later code takes everything in the session for checked: a `role` from a form becomes a role.",
    fix="Check the value against what is allowed before it is stored, or store what you looked up.",
    weak="""\
from flask import Flask, request, session

app = Flask(__name__)


@app.post("/profile")
def profile():
    session["role"] = request.form["role"]
    return {"saved": True}
""",
    safe="""\
from flask import Flask, request, session

app = Flask(__name__)
ROLES = ("reader", "writer")


@app.post("/profile")
def profile():
    role = request.form["role"]
    if role not in ROLES:
        return {"saved": False}, 400
    session["role"] = role
    return {"saved": True}
""",
)

_COOKIE = Weakness(
    key="cookie-without-protection",
    title="A cookie without its flags",
    cwe="CWE-614",
    impact=Level.LOW,
    rules=(("python-cookie-without-protection", Level.HIGH), ("dataflow-insecure-cookie", Level.HIGH)),
    what="A cookie is set without `secure`, or with `httponly` off.",
    why="It also travels over plain HTTP, where anybody on the way reads it; scripts of a page can read it.",
    fix='Pass `secure=True, httponly=True, samesite="Lax"`.',
    weak="""\
from flask import Flask, make_response

app = Flask(__name__)


@app.post("/login")
def login():
    reply = make_response("hello")
    reply.set_cookie("session", "value")
    return reply
""",
    safe="""\
from flask import Flask, make_response

app = Flask(__name__)


@app.post("/login")
def login():
    reply = make_response("hello")
    reply.set_cookie("session", "value", secure=True, httponly=True, samesite="Lax")
    return reply
""",
)

_CSRF = Weakness(
    key="forgery-protection-off",
    title="Protection against forged requests is off",
    cwe="CWE-352",
    impact=Level.MEDIUM,
    rules=(("python-forgery-protection-off", Level.MEDIUM),),
    what="A view, or the whole program, accepts forms without a token.",
    why="Another site sends this request in the name of a person who is logged in here.",
    fix="Leave the protection on. Interfaces for programs use a token in a header instead of a cookie.",
    weak="""\
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def transfer(request):
    return HttpResponse("done")
""",
    safe="""\
from django.http import HttpResponse


def transfer(request):
    return HttpResponse("done")
""",
)

_ORIGIN = Weakness(
    key="any-origin-with-credentials",
    title="Any site may read answers",
    cwe="CWE-942",
    impact=Level.MEDIUM,
    rules=(("python-any-origin-with-credentials", Level.MEDIUM),),
    what="Answers to requests with cookies are given to scripts of every origin.",
    why="A site that a person visits reads what only that person may see here.",
    fix="Name the origins.",
    weak="""\
import flask_cors
from flask import Flask

app = Flask(__name__)
flask_cors.CORS(app, origins="*", supports_credentials=True)
""",
    safe="""\
import flask_cors
from flask import Flask

app = Flask(__name__)
flask_cors.CORS(app, origins=["https://shop.example"], supports_credentials=True)
""",
)

_DEBUG = Weakness(
    key="debugger-on",
    title="The debugger of the web framework is on",
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
    title="A request names an attribute that is written",
    cwe="CWE-915",
    impact=Level.MEDIUM,
    rules=(("python-attribute-from-request", Level.HIGH), ("dataflow-mass-assignment", Level.HIGH)),
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

WEB = (_XSS, _REDIRECT, _FORGERY, _TRUST, _COOKIE, _CSRF, _ORIGIN, _DEBUG, _ATTRIBUTE)
