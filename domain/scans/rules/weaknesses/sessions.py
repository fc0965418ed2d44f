"""What keeps people apart in a browser: sessions, cookies, origins."""

from __future__ import annotations

from domain.scans.rules.model import Level, Weakness

_TRUST = Weakness(
    key="trust-boundary",
    title="Trust boundary violation",
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
    title="Cookie without Secure or HttpOnly",
    cwe="CWE-614",
    impact=Level.LOW,
    rules=(
        ("python-cookie-without-protection", Level.HIGH),
        ("dataflow-insecure-cookie", Level.HIGH),
        ("dataflow-cookie-without-httponly", Level.MEDIUM),
        ("dataflow-cookie-without-samesite", Level.LOW),
    ),
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
    title="CSRF protection is disabled",
    cwe="CWE-352",
    impact=Level.MEDIUM,
    rules=(("python-forgery-protection-off", Level.MEDIUM), ("python-view-without-forgery-protection", Level.LOW)),
    what="A view, or the whole program, accepts forms without a token. It matters where the cookie of a person who is"
    " logged in counts; the second rule reports views in which no such use shows, such as those for programs.",
    why="Another site sends this request in the name of a person who is logged in here.",
    fix="Leave the protection on. Interfaces for programs use a token in a header instead of a cookie.",
    weak="""\
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt


@csrf_exempt
def transfer(request):
    request.user.account.send(request.POST["amount"])
    return HttpResponse("done")


@csrf_exempt
def order(request):
    return HttpResponse("ordered")
""",
    safe="""\
from django.http import HttpResponse


def transfer(request):
    request.user.account.send(request.POST["amount"])
    return HttpResponse("done")


def order(request):
    return HttpResponse("ordered")
""",
)

_ORIGIN = Weakness(
    key="any-origin-with-credentials",
    title="CORS allows any origin with credentials",
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

SESSIONS = (_TRUST, _COOKIE, _CSRF, _ORIGIN)
