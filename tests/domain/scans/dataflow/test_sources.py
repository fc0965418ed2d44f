"""Every framework's way of handing over what a stranger sends, and who that stranger is."""

import pytest

from domain.scans.findings.model import Severity
from tests.domain.scans.dataflow.support import found, rules

FASTAPI = "import os\nfrom fastapi import FastAPI, Query, Body, Header, Cookie, Depends, Request\napp = FastAPI()\n"
REMOTE = {
    "flask": "from flask import request\ndef f():\n    os.system(request.form['q'])",
    "flask json": "from flask import request\ndef f():\n    os.system(request.get_json()['q'])",
    "flask cookie": "from flask import request\ndef f():\n    os.system(request.cookies.get('q'))",
    "flask header": "import flask\ndef f():\n    os.system(flask.request.headers.get('X'))",
    "flask file": "from flask import request\ndef f():\n    os.system(request.files['q'].filename)",
    "flask names of fields": "from flask import request\ndef f():\n    for name in request.form.keys():\n"
    "        os.system(name)",
    "flask query string": "from flask import request\ndef f():\n    os.system(request.query_string.decode('utf-8')[3:])",
    "flask route": "import flask\napp = flask.Flask(__name__)\n@app.route('/<q>')\ndef f(q):\n    os.system(q)",
    "flask in a function": "import flask\ndef init(app):\n    @app.route('/')\n    def f():\n"
    "        os.system(flask.request.args['q'])",
    "flask behind a wrapper": "from flask import request\nclass Wrapper:\n    def __init__(self, r):\n        self.r = r\n"
    "    def field(self, name):\n        return self.r.form.get(name)\ndef f():\n"
    "    os.system(Wrapper(request).field('q'))",
    "flask view class": "import flask\nfrom flask.views import MethodView\nclass V(MethodView):\n    def get(self, q):\n"
    "        os.system(q)",
    "quart": "from quart import request\nasync def f():\n    os.system((await request.form)['q'])",
    "django": "from django.http import HttpRequest\ndef f(request):\n    os.system(request.GET['q'])",
    "django annotated": "from django.http import HttpRequest\ndef f(r: HttpRequest):\n    os.system(r.POST.get('q'))",
    "django class": "from django.views import View\nclass V(View):\n    def get(self, request):\n"
    "        os.system(self.request.GET['q'])",
    "django kwargs": "from django.views.generic import DetailView\nclass V(DetailView):\n    def get_object(self):\n"
    "        os.system(self.kwargs['q'])",
    "rest framework": "from rest_framework.views import APIView\nclass V(APIView):\n    def post(self, request):\n"
    "        os.system(request.data['q'])",
    "rest function": "from rest_framework.decorators import api_view\n@api_view(['POST'])\ndef f(request):\n"
    "    os.system(request.query_params['q'])",
    "fastapi query": FASTAPI + "@app.get('/')\ndef f(q: str):\n    os.system(q)",
    "fastapi path": FASTAPI + "@app.get('/{q}')\nasync def f(q):\n    os.system(q)",
    "fastapi declared": FASTAPI + "@app.post('/')\ndef f(q: str = Body(...)):\n    os.system(q)",
    "fastapi request": FASTAPI + "@app.get('/')\ndef f(r: Request):\n    os.system(r.query_params['q'])",
    "fastapi model": FASTAPI + "from pydantic import BaseModel\nclass M(BaseModel):\n    q: str\n@app.post('/')\n"
    "def f(m: M):\n    os.system(m.q)",
    "fastapi dependency": FASTAPI + "def dep(q: str):\n    return q\n@app.get('/')\ndef f(x=Depends(dep)):\n"
    "    os.system(x)",
    "fastapi repository": FASTAPI + "class Repo:\n    def run(self, q):\n        os.system(q)\ndef get():\n"
    "    yield Repo()\n@app.get('/')\ndef f(q: str, repo: Repo = Depends(get)):\n    repo.run(q)",
    "starlette": "from starlette.requests import Request\nasync def f(request: Request):\n"
    "    os.system((await request.json())['q'])",
    "aiohttp": "from aiohttp import web\nasync def f(request):\n    os.system(request.match_info['q'])",
    "tornado": "import tornado.web\nclass H(tornado.web.RequestHandler):\n    def get(self):\n"
    "        os.system(self.get_argument('q'))",
    "tornado path": "import tornado.web\nclass H(tornado.web.RequestHandler):\n    def get(self, q):\n        os.system(q)",
    "bottle": "from bottle import request, route\n@route('/')\ndef f():\n    os.system(request.query.q)",
    "sanic": "from sanic import Sanic\napp = Sanic('a')\n@app.get('/')\nasync def f(request):\n"
    "    os.system(request.args.get('q'))",
    "pyramid": "from pyramid.view import view_config\n@view_config(route_name='a')\ndef f(request):\n"
    "    os.system(request.params['q'])",
    "function of a cloud": "def handler(event, context):\n    os.system(event['q'])",
}
LOCAL = {
    "argv": "import sys\ndef f():\n    os.system(sys.argv[1])",
    "input": "def f():\n    os.system(input())",
    "argparse": "import argparse\ndef f():\n    p = argparse.ArgumentParser()\n    p.add_argument('q')\n"
    "    os.system(p.parse_args().q)",
    "click": "import click\n@click.command()\n@click.argument('q')\ndef f(q):\n    os.system(q)",
}
QUEUE = {
    "celery": "from celery import shared_task\n@shared_task\ndef f(q):\n    os.system(q)",
    "pika": "import pika\ndef f(ch, method, properties, body):\n    os.system(body)",
    "kafka": "import kafka\ndef f():\n    for one in kafka.KafkaConsumer('a'):\n        os.system(one.value)",
}


@pytest.mark.parametrize("who", REMOTE)
def test_what_a_request_brings_is_high(who):
    (one,) = found(views=f"import os\n{REMOTE[who]}\n")

    assert (one.rule, one.severity, one.likelihood) == ("dataflow-command-injection", Severity.HIGH, "high")


@pytest.mark.parametrize("who", LOCAL | QUEUE)
def test_what_the_command_line_or_a_message_brings_is_lower(who):
    (one,) = found(views=f"import os\n{(LOCAL | QUEUE)[who]}\n")

    assert (one.rule, one.severity, one.likelihood) == ("dataflow-command-injection", Severity.MEDIUM, "low")


NOTHING = {
    "typed": FASTAPI + "@app.get('/{q}')\ndef f(q: int):\n    os.system(q)",
    "enumeration": FASTAPI + "import enum\nclass E(str, enum.Enum):\n    A = 'a'\n@app.get('/')\ndef f(q: E):\n"
    "    os.system(q.value)",
    "literal": FASTAPI + "from typing import Literal\n@app.get('/')\ndef f(q: Literal['a']):\n    os.system(q)",
    "number in the route": "import flask\napp = flask.Flask('a')\n@app.route('/<int:q>')\ndef f(q):\n    os.system(q)",
    "method": "from flask import request\ndef f():\n    os.system(request.method)",
    "user": "def f(request):\n    import django\n    os.system(request.user)",
    "parameter of nobody": "def f(q):\n    os.system(q)",
    "setting": "from django.conf import settings\ndef f():\n    os.system(settings.COMMAND)",
    "logged by a command line": "import sys, logging\ndef f():\n    logging.info(sys.argv[1])",
}


@pytest.mark.parametrize("what", NOTHING)
def test_what_no_stranger_sets_is_nothing(what):
    assert rules(views=f"import os\n{NOTHING[what]}\n") == []
