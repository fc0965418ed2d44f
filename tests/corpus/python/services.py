"""A service as it is found in the wild: many small things."""

import contextlib
import ftplib
import hashlib
import logging
import os
import pickle
import random
import secrets
import socket
import ssl
import subprocess
import telnetlib
import tempfile
import xml.etree.ElementTree
from xml.dom import minidom

import defusedxml.ElementTree
import requests
import yaml

log = logging.getLogger(__name__)


def listen():
    server = socket.socket()
    server.bind(("0.0.0.0", 8080))  # weak: 605
    return server


def listen_here():
    server = socket.socket()
    server.bind(("127.0.0.1", 8080))  # fine: 605
    return server


def quiet(action):
    try:
        action()
    except Exception:  # weak: 703
        pass


def quiet_named(action):
    with contextlib.suppress(FileNotFoundError):  # fine: 703
        action()


def each(actions):
    for action in actions:
        try:
            action()
        except Exception:  # weak: 703
            continue


def each_logged(actions):
    for action in actions:
        try:
            action()
        except Exception:  # fine: 703
            log.exception("failed")


def connect(database):
    return database.connect(user="web", password="p4ssw0rd-of-web")  # weak: 259


def connect_with(database, environment):
    return database.connect(user="web", password=environment["DB_PASSWORD"])  # fine: 259


def default(user, password="letmein-please"):  # weak: 259
    return user, password


def default_none(user, password=None):  # fine: 259
    return user, password


def document(text):
    return xml.etree.ElementTree.fromstring(text)  # weak: 20


def document_safe(text):
    return defusedxml.ElementTree.fromstring(text)  # fine: 20


def document_dom(text):
    return minidom.parseString(text)  # weak: 20


def upload(host, path):
    connection = ftplib.FTP(host)  # weak: 319
    return connection


def upload_encrypted(host):
    connection = ftplib.FTP_TLS(host)
    connection.prot_p()  # fine: 319
    return connection


def console(host):
    return telnetlib.Telnet(host)  # weak: 319


def scratch(name):
    with open("/tmp/fixed-name.txt", "w") as file:  # weak: 377
        file.write(name)


def scratch_own(name):
    with tempfile.NamedTemporaryFile("w", delete=False) as file:  # fine: 377
        file.write(name)


def status(address):
    return requests.get(address)  # weak: 400


def status_limited(address):
    return requests.get(address, timeout=3)  # fine: 400


def settings(text):
    return yaml.load(text, Loader=yaml.UnsafeLoader)  # weak: 502


def settings_safe(text):
    return yaml.load(text, Loader=yaml.CSafeLoader)  # fine: 502


def wrapped(sock):
    return ssl.wrap_socket(sock, ssl_version=ssl.PROTOCOL_SSLv3)  # weak: 327


def wrapped_default(sock, name):
    return ssl.create_default_context().wrap_socket(sock, server_hostname=name)  # fine: 327


def executable(path):
    os.chmod(path, 0o777)  # weak: 732
    return path


def executable_owner(path):
    os.chmod(path, 0o700)  # fine: 732
    return path


class Accounts:
    def __init__(self, db):
        self.db = db

    def find(self, name):
        return self.db.execute("select * from accounts where name = '%s'" % name)  # weak: 89

    def find_bound(self, name):
        return self.db.execute("select * from accounts where name = ?", [name])  # fine: 89

    def remove(self, number):
        query = f"delete from accounts where number = {number}"
        return self.db.execute(query)

    def rename(self, number, name):
        self.db.execute(f"update accounts set name = '{name}' where number = {number}")  # weak: 89

    def rename_bound(self, number, name):
        self.db.execute("update accounts set name = ? where number = ?", (name, number))  # fine: 89

    def token(self):
        self.api_token = str(random.randint(0, 10**9))  # weak: 330
        return self.api_token

    def token_secret(self):
        self.api_token = secrets.token_hex()  # fine: 330
        return self.api_token

    def digest(self, password):
        return hashlib.sha1(password.encode()).hexdigest()  # weak: 328

    def digest_slow(self, password, salt):
        return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 600_000).hex()  # fine: 328


class Jobs:
    def start(self, name):
        subprocess.Popen(f"run-job {name}", shell=True)  # weak: 78

    def start_list(self, name):
        subprocess.Popen(["/usr/bin/run-job", name])  # fine: 78

    def clean(self, folder):
        os.system("rm -rf " + folder)  # weak: 78

    def load(self, data):
        return pickle.loads(data)  # weak: 502

    def loaded(self, data, schema):
        return schema.validate_json(data)  # fine: 502

    def evaluate(self, formula):
        return eval(formula, {})  # weak: 95

    def evaluate_known(self, name):
        return {"a": 1, "b": 2}[name]  # fine: 95

    def report(self, address, body):
        return requests.post(address, data=body, verify=False, timeout=5)  # weak: 295

    def report_verified(self, address, body):
        return requests.post(address, data=body, timeout=5)  # fine: 295

    def nonce(self):
        nonce = random.getrandbits(64)  # weak: 330
        return nonce

    def jitter(self):
        return random.random() / 10  # fine: 330


class Store:
    password = "a-fixed-one-for-all"  # weak: 259
    password_name = "password"  # fine: 259

    def path(self):
        return tempfile.mktemp()  # weak: 377

    def umask(self):
        os.umask(0)  # weak: 732

    def check(self, user):
        assert user.is_authenticated  # weak: 617

    def checked(self, user):
        if not user.is_authenticated:  # fine: 617
            raise PermissionError

    def unverified(self):
        return ssl._create_unverified_context()  # weak: 295

    def md5(self, data):
        return hashlib.md5(data).digest()  # weak: 328

    def md5_for_names(self, data):
        return hashlib.md5(data, usedforsecurity=False).digest()  # fine: 328

    def compare(self, first, second):
        return secrets.compare_digest(first, second)  # fine: 208
