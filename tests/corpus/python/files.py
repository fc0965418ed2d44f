"""Files, archives and addresses that a request chooses."""

import os
import pathlib
import shutil
import tarfile
import tempfile
import urllib.request

import requests
from flask import Flask, request, send_file
from werkzeug.utils import secure_filename

app = Flask(__name__)
ROOT = pathlib.Path("/srv/files")


@app.get("/file")
def file():
    name = request.args["name"]
    with open("/srv/files/" + name) as opened:  # weak: 22
        return {"text": opened.read()}


@app.get("/file/secured")
def file_secured():
    name = secure_filename(request.args["name"])
    with open("/srv/files/" + name) as opened:  # fine: 22
        return {"text": opened.read()}


@app.get("/file/base")
def file_base():
    name = os.path.basename(request.args["name"])
    with open(os.path.join("/srv/files", name)) as opened:  # fine: 22
        return {"text": opened.read()}


@app.get("/download/<path:name>")
def download(name):
    return send_file(os.path.join("/srv/files", name))  # weak: 22


@app.get("/download/fixed")
def download_fixed():
    return send_file("/srv/files/manual.pdf")  # fine: 22


@app.post("/remove")
def remove():
    os.remove(f"/srv/files/{request.form['name']}")  # weak: 22
    return "", 204


@app.post("/remove/number")
def remove_number():
    os.remove(f"/srv/files/{int(request.form['number'])}.txt")  # fine: 22
    return "", 204


def note(request):
    path = ROOT / request.GET["name"]
    return path.read_text()  # weak: 22


def note_fixed(request):
    path = ROOT / "notes.txt"
    return path.read_text()  # fine: 22


def clear(request):
    shutil.rmtree(request.POST["folder"])  # weak: 22


def clear_fixed(request):
    shutil.rmtree("/srv/files/tmp")  # fine: 22


def listing(request):
    folder = request.GET.get("folder", ".")
    return os.listdir(folder)  # weak: 22


def save(request):
    uploaded = request.files["file"]
    target = pathlib.Path("/srv/uploads") / uploaded.filename
    target.write_bytes(b"")
    with open(os.path.join("/srv/uploads", uploaded.filename), "wb") as out:  # weak: 22
        out.write(uploaded.read())


def unpack(path):
    archive = tarfile.open(path)
    archive.extractall("/srv/files")  # weak: 22


def unpack_filtered(path):
    archive = tarfile.open(path)
    archive.extractall("/srv/files", filter="data")  # fine: 22


@app.get("/fetch")
def fetch():
    answer = requests.get(request.args["url"], timeout=5)  # weak: 918
    return {"status": answer.status_code}


@app.get("/fetch/known")
def fetch_known():
    answer = requests.get("https://example.org/status", params={"q": request.args["q"]}, timeout=5)  # fine: 918
    return {"status": answer.status_code}


@app.get("/image/<path:address>")
def image(address):
    with urllib.request.urlopen("http://" + address) as answer:  # weak: 918
        return {"size": len(answer.read())}


@app.get("/image/number/<number>")
def image_number(number):
    with urllib.request.urlopen(f"https://images.example.org/{int(number)}") as answer:  # fine: 918
        return {"size": len(answer.read())}


def callback(request):
    target = request.POST["callback"]
    requests.post(target, json={"done": True}, timeout=5)  # weak: 918


def scratch():
    return tempfile.mktemp(suffix=".txt")  # weak: 377


def scratch_safe():
    return tempfile.mkstemp(suffix=".txt")  # fine: 377


def share(path):
    os.chmod(path, 0o777)  # weak: 732


def share_with_group(path):
    os.chmod(path, 0o750)  # fine: 732


def open_mask():
    os.umask(0)  # weak: 732


def close_mask():
    os.umask(0o077)  # fine: 732
