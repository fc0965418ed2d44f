"""What frameworks hand to functions of a project by class, decorator or registration, each beside a harmless twin."""

import pytest

from tests.domain.scans.dataflow.support import found, rules

FORM = """from django import forms
class F(forms.Form):
    q = forms.CharField()
    n = forms.IntegerField()
"""
SERIALIZER = """from rest_framework import serializers
class S(serializers.Serializer):
    q = serializers.CharField()
    n = serializers.IntegerField()
"""
COMMAND = "from django.core.management.base import BaseCommand\nclass Command(BaseCommand):\n"
SERVER = "from http.server import BaseHTTPRequestHandler\nclass H(BaseHTTPRequestHandler):\n    def do_GET(self):\n"
STREAMLIT = "import streamlit as st\ndef page():\n"
PAIRS = {
    "a form": (
        FORM + "def f(request):\n    form = F(request.POST)\n    if form.is_valid():\n        os.system({})",
        ("form.cleaned_data['q']", "form.cleaned_data['n']"),
    ),
    "a form of nobody": ("def f(form):\n    os.system({})", ("form.cleaned_data.get('q')", "form.data_of_ours")),
    "a form in its own method": (
        FORM + "    def save(self):\n        os.system({})",
        ("self.cleaned_data['q']", "self.cleaned_data['n']"),
    ),
    "a form's view": (
        FORM + "from django.views.generic import FormView\nclass V(FormView):\n    form_class = F\n"
        "    def form_valid(self, form):\n        os.system({})",
        ("form.cleaned_data['q']", "form.cleaned_data['n']"),
    ),
    "a serializer": (
        SERIALIZER + "def f(request):\n    s = S(data=request.data)\n    os.system({})",
        ("s.validated_data['q']", "s.validated_data['n']"),
    ),
    "a serializer's check": (
        SERIALIZER + "    def {}(self, value):\n        os.system(value)",
        ("validate_q", "validate_n"),
    ),
    "a serializer's create": (
        SERIALIZER + "    def create(self, validated_data):\n        os.system({})",
        ("validated_data['q']", "validated_data['n']"),
    ),
    "a serializer's update": (
        SERIALIZER + "    def update(self, instance, validated_data):\n        os.system({})",
        ("validated_data.get('q')", "instance.q"),
    ),
    "flask's add_url_rule": (
        "import flask\napp = flask.Flask('a')\ndef f(q):\n    os.system(q)\napp.add_url_rule('/{}', view_func=f)",
        ("<q>", "<int:q>"),
    ),
    "fastapi's add_api_route": (
        "import fastapi\ndef f(q: {}):\n    os.system(q)\ndef init(app):\n    app.add_api_route('/', f)",
        ("str", "int"),
    ),
    "wsgi": ("def app(environ, start_response):\n    os.system(environ[{}])", ("'QUERY_STRING'", "'SERVER_NAME'")),
    "wsgi in a class": (
        "class App:\n    def __call__(self, environ, start_response):\n        os.system(environ.get({}))",
        ("'PATH_INFO'", "'REQUEST_METHOD'"),
    ),
    "asgi": ("async def app(scope, receive, send):\n    os.system(scope[{}])", ("'path'", "'method'")),
    "asgi's body": ("async def app(scope, receive, send):\n    os.system({})", ("(await receive())['body']", "send")),
    "http.server": (SERVER + "        os.system({})", ("self.path", "self.server_version")),
    "http.server's header": (SERVER + "        os.system({})", ("self.headers.get('X')", "self.command")),
    "http.server's body": (SERVER + "        os.system({})", ("self.rfile.read(9).decode()", "self.client_address")),
    "grpc": (
        "import x_pb2_grpc\nclass G(x_pb2_grpc.GreeterServicer):\n    def Say(self, request, context):\n"
        "        os.system({})",
        ("request.name", "context"),
    ),
    "grpc without a stub": (
        "class GreeterServicer:\n    pass\nclass G(GreeterServicer):\n    def {}(self, request, context):\n"
        "        os.system(request.name)",
        ("Say", "_say"),
    ),
    "socketio": ("import socketio\nsio = socketio.Server()\n@sio.on('a')\ndef f(sid, data):\n    os.system({})", ("data['q']", "sid")),
    "socketio's event": ("from ours import sio\n@sio.event\nasync def f(sid, data):\n    os.system({})", ("data", "sid")),
    "strawberry": (
        "import strawberry\n@strawberry.type\nclass Query:\n    @strawberry.field\n    def a(self, q: {}) -> str:\n"
        "        os.system(q)",
        ("str", "int"),
    ),
    "graphene": (
        "import graphene\nclass Query(graphene.ObjectType):\n    def resolve_a(self, info, q):\n        os.system({})",
        ("q", "info"),
    ),
    "gradio": ("import gradio as gr\ndef f(q):\n    os.system({})\ngr.Interface(fn=f)", ("q", "'ls'")),
    "streamlit": (STREAMLIT + "    os.system(st.{}('x'))", ("text_input", "number_input")),
    "mcp": (
        "from mcp.server.fastmcp import FastMCP, Context\nmcp = FastMCP('a')\n@mcp.tool()\n"
        "def f(q: {}, ctx: Context):\n    os.system(q)",
        ("str", "int"),
    ),
    "mcp of another file": ("from ours import mcp\n@mcp.tool()\ndef f(q):\n    os.system({})", ("q", "'ls'")),
    "django's path": (
        "from django.urls import path\ndef f(r, q):\n    os.system(q)\nurlpatterns = [path('<{}:q>', f)]",
        ("str", "int"),
    ),
    "django's re_path": (
        "from django.urls import re_path\ndef f(r, q):\n    os.system(q)\nurlpatterns = [re_path(r'(?P<q>{}+)', f)]",
        (r"[\S]", r"[\w-]"),
    ),
    "django's request by another name": (
        "from django.urls import path\ndef f(r):\n    os.system({})\nurlpatterns = [path('a', f)]",
        ("r.GET['q']", "r.user"),
    ),
    "what django's path does not name": (
        "from django.urls import path\ndef f(r, q, own='ls'):\n    os.system({})\nurlpatterns = [path('<q>', f)]",
        ("q", "own"),
    ),
    "starlette's route": (
        "from starlette.routing import Route\ndef f(r):\n    os.system({})\nroutes = [Route('/', f)]",
        ("r.query_params['q']", "r.method"),
    ),
    "aiohttp's router": (
        "from aiohttp import web\nasync def f(r):\n    os.system({})\napp = web.Application()\n"
        "app.router.add_get('/', f)",
        ("r.query['q']", "r.method"),
    ),
    "tornado's message": (
        "from tornado.websocket import WebSocketHandler\nclass H(WebSocketHandler):\n"
        "    def on_message(self, message):\n        os.system({})",
        ("message", "self.ping_interval"),
    ),
    "a consumer of channels": (
        "from channels.generic.websocket import WebsocketConsumer\nclass C(WebsocketConsumer):\n"
        "    def receive(self, text_data=None):\n        os.system({})",
        ("text_data", "self.channel_name"),
    ),
    "a view set": (
        "from rest_framework import viewsets\nclass V(viewsets.ViewSet):\n"
        "    def retrieve(self, request, pk: {} = None):\n        os.system(pk)",
        ("str", "int"),
    ),
    "slack": (
        "from slack_bolt import App\napp = App()\n@app.command('/x')\ndef f(ack, command):\n    os.system({})",
        ("command['text']", "ack"),
    ),
    "falcon": (
        "import falcon\nclass R:\n    def on_get(self, req, resp):\n        os.system({})",
        ("req.get_param('q')", "req.method"),
    ),
    "a socket": (
        "import socket\ndef f():\n    c, who = socket.socket().accept()\n    os.system({})",
        ("c.recv(9).decode()", "c.family"),
    ),
    "discord": (
        "from discord.ext import commands\nbot = commands.Bot('!')\n@bot.command()\nasync def f(ctx, q):\n"
        "    os.system({})",
        ("q", "ctx"),
    ),
}  # fmt: skip
LOWER = {
    "a management command": (
        COMMAND + "    def handle(self, *args, **options):\n        os.system({})",
        ("options['q']", "self.style"),
    ),
    "a management command's labels": (
        COMMAND + "    def {}(self, *args, **options):\n        os.system(args[0])",
        ("handle", "prepare"),
    ),
}


@pytest.mark.parametrize("who", PAIRS)
def test_what_a_framework_hands_over_is_a_strangers(who):
    text, (bad, _) = PAIRS[who]

    (one,) = found(views=f"import os\n{text.replace('{}', bad)}\n")

    assert (one.rule, one.likelihood) == ("dataflow-command-injection", "high")


@pytest.mark.parametrize("who", LOWER)
def test_what_a_management_command_gets_is_the_command_lines(who):
    text, (bad, _) = LOWER[who]

    (one,) = found(views=f"import os\n{text.replace('{}', bad)}\n")

    assert (one.rule, one.likelihood) == ("dataflow-command-injection", "low")


@pytest.mark.parametrize("who", PAIRS | LOWER)
def test_what_a_framework_sets_itself_or_has_checked_is_nothing(who):
    text, (_, good) = (PAIRS | LOWER)[who]

    assert rules(views=f"import os\n{text.replace('{}', good)}\n") == []


FILTER = "from django import template\nfrom django.utils.{}\nregister = template.Library()\n@register.filter\n"


def test_a_template_filter_gets_what_a_page_shows():
    marked = FILTER.format("safestring import mark_safe") + "def bold(value):\n    return mark_safe('<b>' + {})\n"

    assert rules(tags=marked.format("value")) == ["xss"]
    assert rules(tags="from django.utils.html import escape\n" + marked.format("escape(value)")) == []


def test_a_function_is_entered_from_the_file_that_registers_it():
    views = "import os\ndef f(q):\n    os.system(q)\n"
    app = "import flask, views\ndef init(app):\n    app.add_url_rule('/<q>', 'f', views.f)\n"

    assert [one.path for one in found(views=views, app=app)] == ["views.py"]
    assert rules(views=views, app=app.replace("<q>", "<int:q>")) == []


def test_what_a_server_writes_is_a_page_only_over_http():
    echo = "import {0}\nclass H({0}.{1}):\n    def handle(self):\n        self.wfile.write(self.rfile.readline())\n"

    assert rules(a=echo.format("http.server", "BaseHTTPRequestHandler")) == ["xss"]
    assert rules(a=echo.format("socketserver", "StreamRequestHandler")) == []


FASTAPI = """import os
from typing import Annotated, Optional
from fastapi import Depends, FastAPI, Query, Response
app = FastAPI()
"""
DEPENDENCY = """class P:
    def __init__(self, q: str, n: int):
        self.q, self.n = q, n
    def __call__(self, q: str):
        return q
"""
ALIASES = (
    "from typing import Annotated\nfrom fastapi import Depends, Query\n"
    + DEPENDENCY
    + ("D = Annotated[P, Depends()]\nText = Annotated[str, Query()]\nNumber = Annotated[int, Query()]\n")
)
INJECTED = {
    "a class": ("p: P = Depends()", "p.q", "p.n"),
    "an annotated class": ("p: Annotated[P, Depends()]", "p.q", "p.n"),
    "a class that is named": ("p=Depends(P)", "p.q", "p.n"),
    "an instance that can be called": ("p: str = Depends(P('a', 1))", "p", "'a'"),
    "an alias of another file": ("p: D", "p.q", "p.n"),
    "an alias of a module": ("p: deps.D", "p.q", "p.n"),
    "an alias of a type": ("p: Text, n: Number", "p", "n"),
    "a text or nothing": ("p: str | None = None, n: int | None = None", "p", "n"),
    "an optional text": ("p: Optional[str] = None, r: Response = None", "p", "r"),
    "a text with a declaration": ("p: Annotated[str, Query()], n: Annotated[int, Query()] = 1", "p", "n"),
}


@pytest.mark.parametrize("how", INJECTED)
def test_what_fastapi_injects_comes_from_the_request(how):
    parameters, bad, good = INJECTED[how]
    head = FASTAPI + DEPENDENCY + "import deps\nfrom deps import D, Text, Number\n@app.get('/')\n"
    route = f"{head}def f({parameters}):\n    os.system("

    assert rules(app=f"{route}{bad})\n", deps=ALIASES) == ["command-injection"]
    assert rules(app=f"{route}{good})\n", deps=ALIASES) == []


def test_credentials_are_what_a_stranger_sends():
    scheme = "from fastapi.security import OAuth2PasswordBearer\nscheme = OAuth2PasswordBearer(tokenUrl='t')\n"
    route = "@app.get('/')\ndef f(token: str = Depends({})):\n    os.system(token)\n"

    assert rules(app=FASTAPI + scheme + route.format("scheme")) == ["command-injection"]
    assert rules(app=FASTAPI + "from ours import scheme\n" + route.format("scheme")) == []


def test_aliases_that_name_each_other_come_to_an_end():
    files = {
        "a": "from b import X\n" + FASTAPI + "@app.get('/')\ndef f(p: X):\n    return p\n",
        "b": "from a import X\n",
    }

    assert rules(**files) == []
