"""Code and objects from data."""

import ast
import importlib
import json
import marshal
import pickle
import re
import shelve

import yaml
from flask import Flask, request

app = Flask(__name__)


@app.post("/sum")
def total():
    return {"total": eval(request.form["expression"])}  # weak: 95


@app.post("/sum/literal")
def total_literal():
    return {"total": ast.literal_eval(request.form["expression"])}  # fine: 95


@app.post("/script")
def script():
    source = request.get_data()
    exec(source)  # weak: 95
    return "", 204


@app.post("/script/fixed")
def script_fixed():
    exec("x = 1")  # fine: 95
    return "", 204


def plugin(request):
    return importlib.import_module("plugins." + request.GET["name"])  # weak: 95


def plugin_known(request):
    return importlib.import_module("plugins.known")  # fine: 95


def evaluated(formula, values):
    return eval(formula)  # weak: 95


def evaluated_fixed(values):
    return eval("1 + 1")  # fine: 95


@app.post("/state")
def state():
    return {"state": str(pickle.loads(request.data))}  # weak: 502


@app.post("/state/json")
def state_json():
    return {"state": str(json.loads(request.data))}  # fine: 502


def settings(request):
    return yaml.load(request.body, Loader=yaml.Loader)  # weak: 502


def settings_safe(request):
    return yaml.safe_load(request.body)  # fine: 502


def settings_safe_loader(request):
    return yaml.load(request.body, Loader=yaml.SafeLoader)  # fine: 502


def cached(path):
    with open(path, "rb") as file:
        return pickle.load(file)  # weak: 502


def cached_json(path):
    with open(path, "rb") as file:
        return json.load(file)  # fine: 502


def compiled(data):
    return marshal.loads(data)  # weak: 502


def shelf(path):
    return shelve.open(path)  # weak: 502


@app.get("/match")
def match():
    return {"found": bool(re.search(request.args["pattern"], "some text"))}  # weak: 1333


@app.get("/match/escaped")
def match_escaped():
    return {"found": bool(re.search(re.escape(request.args["pattern"]), "some text"))}  # fine: 1333


def update(request, user):
    for name, value in request.json.items():
        setattr(user, name, value)  # weak: 915


def update_known(request, user):
    user.name = request.json["name"]  # fine: 915
