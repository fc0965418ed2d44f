"""Operating system commands."""

import asyncio
import os
import shlex
import subprocess

from flask import Flask, request

app = Flask(__name__)


@app.route("/ping")
def ping():
    host = request.args.get("host", "")
    os.system("ping -c 1 " + host)  # weak: 78
    return "done"


@app.route("/ping/quoted")
def ping_quoted():
    host = shlex.quote(request.args.get("host", ""))
    os.system("ping -c 1 " + host)  # fine: 78
    return "done"


@app.route("/lookup/<name>")
def lookup(name):
    command = f"nslookup {name}"
    answer = subprocess.run(command, shell=True, capture_output=True)  # weak: 78
    return {"answer": answer.returncode}


@app.route("/lookup/list/<name>")
def lookup_list(name):
    answer = subprocess.run(["/usr/bin/nslookup", "--", name], capture_output=True)  # fine: 78
    return {"answer": answer.returncode}


@app.post("/archive")
def archive():
    form = request.form
    target = form["target"]
    parts = ["sh", "-c", "tar cf out.tar " + target]  # weak: 78
    subprocess.run(parts)
    return "", 204


@app.post("/archive/number")
def archive_number():
    target = int(request.form["target"])
    subprocess.run(f"tar cf out.tar folder-{target}", shell=True)  # fine: 78
    return "", 204


@app.get("/size")
def size():
    folder = request.headers.get("X-Folder")
    with os.popen("du -s %s" % folder) as pipe:  # weak: 78
        return {"size": pipe.read()}


@app.get("/size/fixed")
def size_fixed():
    with os.popen("du -s /srv") as pipe:  # fine: 78
        return {"size": pipe.read()}


async def convert(request):
    name = request.query_params["name"]
    process = await asyncio.create_subprocess_shell("convert " + name)  # weak: 78
    return await process.wait()


async def convert_list(request):
    name = request.query_params["name"]
    process = await asyncio.create_subprocess_exec("convert", "--", name)  # fine: 78
    return await process.wait()


def backup(request):
    program = request.POST["program"]
    subprocess.call([program, "--all"])  # weak: 78


def backup_known(request):
    program = {"fast": "/usr/bin/rsync", "slow": "/usr/bin/cp"}.get(request.POST["program"], "/usr/bin/cp")
    subprocess.call([program, "--all"])  # fine: 78


def restore(request):
    chosen = {}
    chosen["unused"] = "constant"
    chosen["file"] = request.GET["file"]
    line = "restore " + chosen["file"]
    subprocess.Popen(line, shell=True)  # weak: 78


def restore_constant(request):
    chosen = {}
    chosen["unused"] = request.GET["file"]
    chosen["file"] = "constant"
    line = "restore " + chosen["file"]
    subprocess.Popen(line, shell=True)  # fine: 78


def render(folder, name):
    subprocess.check_output("render --in " + folder + " " + name, shell=True)  # weak: 78


def render_list(folder, name):
    subprocess.check_output(["/usr/bin/render", "--in", folder, name])  # fine: 78


def show(request):
    words = request.GET.getlist("word")
    joined = " ".join(words)
    os.execl("/bin/sh", "sh", "-c", joined)
    os.system(joined)  # weak: 78


def status(request):
    unit = request.GET["unit"]
    return subprocess.getoutput(f"systemctl status {unit}")  # weak: 78


def status_checked(request):
    unit = request.GET["unit"]
    if unit not in ("web", "database"):
        raise ValueError(unit)
    known = {"web": "web.service", "database": "database.service"}[unit]
    return subprocess.check_output(["/usr/bin/systemctl", "status", known])  # fine: 78
