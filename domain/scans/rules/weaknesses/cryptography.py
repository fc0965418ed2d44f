"""Hashes, ciphers, keys, randomness, certificates, tokens."""

from __future__ import annotations

from domain.scans.rules.model import Level, Weakness

_HASH = Weakness(
    key="weak-hash",
    title="Weak hash algorithm (MD5 or SHA-1)",
    cwe="CWE-328",
    impact=Level.MEDIUM,
    rules=(
        ("python-weak-hash", Level.MEDIUM),
        ("dataflow-weak-hash", Level.MEDIUM),
        ("B303", Level.MEDIUM),
        ("B324", Level.MEDIUM),
    ),
    what="A hash is used for which two texts with the same value can be made.",
    why="Signatures and checks that rest on it can be forged, and passwords are found by trying billions in a second.",
    fix="SHA-256 or BLAKE2; `hashlib.scrypt` or argon2 for passwords. Say `usedforsecurity=False` where it is"
    " no matter of security.",
    weak="""\
import hashlib


def stored(password):
    return hashlib.md5(password.encode()).hexdigest()
""",
    safe="""\
import hashlib


def stored(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1).hex()
""",
)

_CIPHER = Weakness(
    key="weak-cipher",
    title="Weak cipher or block mode",
    cwe="CWE-327",
    impact=Level.MEDIUM,
    rules=(
        ("python-weak-cipher", Level.MEDIUM),
        ("dataflow-weak-cipher", Level.MEDIUM),
        ("B304", Level.MEDIUM),
        ("B305", Level.MEDIUM),
        ("B413", Level.LOW),
    ),
    what="DES, RC4, Blowfish, or the mode ECB.",
    why="The text, or its structure, can be read without the key.",
    fix="AES-GCM or ChaCha20-Poly1305, which notice changes too.",
    weak="""\
from Crypto.Cipher import DES


def sealed(key, text):
    return DES.new(key, DES.MODE_CBC).encrypt(text)
""",
    safe="""\
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def sealed(key, nonce, text):
    return AESGCM(key).encrypt(nonce, text, None)
""",
)

_KEY = Weakness(
    key="short-key",
    title="Insufficient key size",
    cwe="CWE-326",
    impact=Level.MEDIUM,
    rules=(("python-short-key", Level.MEDIUM), ("B505", Level.MEDIUM)),
    what="An RSA or DSA key of less than 2048 bits.",
    why="It can be factored.",
    fix="3072 bits, or a key on an elliptic curve.",
    weak="""\
from cryptography.hazmat.primitives.asymmetric import rsa

KEY = rsa.generate_private_key(public_exponent=65537, key_size=1024)
""",
    safe="""\
from cryptography.hazmat.primitives.asymmetric import rsa

KEY = rsa.generate_private_key(public_exponent=65537, key_size=3072)
""",
)

_RANDOM = Weakness(
    key="predictable-secret",
    title="Secret from a predictable random number generator",
    cwe="CWE-330",
    impact=Level.MEDIUM,
    rules=(("python-predictable-secret", Level.MEDIUM), ("dataflow-weak-random", Level.MEDIUM)),
    what="A token, password or code is drawn from the module `random`.",
    why="After some hundred values the rest can be computed, and tokens of other people with it.",
    fix="Use the module `secrets`.",
    weak="""\
import random


def new_token():
    token = random.getrandbits(128)
    return f"{token:032x}"
""",
    safe="""\
import secrets


def new_token():
    token = secrets.token_hex(16)
    return token
""",
)

_ANY_RANDOM = Weakness(
    key="random-numbers",
    title="Pseudo-random number generator",
    cwe="CWE-330",
    impact=Level.LOW,
    rules=(("B311", Level.LOW),),
    what="The module `random` is used. What for was not seen.",
    why="It matters where the number must not be guessed; for dice, samples and waiting times it does not.",
    fix="Use `secrets` for tokens, passwords, salts and codes.",
    weak="""\
import random


def thrown():
    return random.randint(1, 6)
""",
    safe="""\
import secrets


def thrown():
    return 1 + secrets.randbelow(6)
""",
)

_CERTIFICATE = Weakness(
    key="tls-verification-off",
    title="TLS certificate verification is disabled",
    cwe="CWE-295",
    impact=Level.HIGH,
    rules=(
        ("python-tls-verification-off", Level.MEDIUM),
        ("dataflow-tls-verification-off", Level.MEDIUM),
        ("B323", Level.MEDIUM),
        ("B501", Level.MEDIUM),
        ("B507", Level.MEDIUM),
    ),
    what="TLS or SSH is used without checking whom it is with.",
    why="Anybody on the way answers in the name of the server, and reads and changes everything.",
    fix="Leave the check on; give the certificate of your own authority with `verify=` or `cafile=`.",
    weak="""\
import requests


def latest():
    return requests.get("https://updates.example/latest", verify=False, timeout=5).json()
""",
    safe="""\
import requests


def latest():
    return requests.get("https://updates.example/latest", verify="/etc/ours.pem", timeout=5).json()
""",
)

_VERSION = Weakness(
    key="weak-tls-version",
    title="Insecure TLS version",
    cwe="CWE-327",
    impact=Level.MEDIUM,
    rules=(
        ("python-weak-tls-version", Level.MEDIUM),
        ("B502", Level.MEDIUM),
        ("B503", Level.MEDIUM),
        ("B504", Level.LOW),
    ),
    what="SSL, TLS 1.0 or TLS 1.1 is asked for.",
    why="There are known attacks, and libraries no longer mend them.",
    fix="Let the library choose, or ask for TLS 1.2 at least.",
    weak="""\
import ssl

import urllib3

POOL = urllib3.PoolManager(ssl_version=ssl.PROTOCOL_TLSv1)
""",
    safe="""\
import ssl

import urllib3

POOL = urllib3.PoolManager(ssl_context=ssl.create_default_context())
""",
)

_TOKEN = Weakness(
    key="token-not-verified",
    title="JWT signature is not verified",
    cwe="CWE-347",
    impact=Level.HIGH,
    rules=(("python-jwt-not-verified", Level.MEDIUM),),
    what="The claims of a token are read without checking who signed them.",
    why="Anybody writes a token that says they are somebody else.",
    fix="Decode with the key, and name the algorithms.",
    weak="""\
import jwt


def who(token, key):
    return jwt.decode(token, key, options={"verify_signature": False})["sub"]
""",
    safe="""\
import jwt


def who(token, key):
    return jwt.decode(token, key, algorithms=["RS256"])["sub"]
""",
)

_SECRET = Weakness(
    key="secret-in-code",
    title="Hard-coded secret key",
    cwe="CWE-798",
    impact=Level.HIGH,
    rules=(("python-secret-in-code", Level.MEDIUM),),
    what="The key that signs sessions or tokens is a text in the code.",
    why="Whoever reads the code, or an old copy of it, signs sessions of other people.",
    fix="Take it from the environment or a store of secrets, and change the old one.",
    weak="""\
from flask import Flask

app = Flask(__name__)
app.secret_key = "a text that is not so secret"
""",
    safe="""\
import os

from flask import Flask

app = Flask(__name__)
app.secret_key = os.environ["SESSION_KEY"]
""",
)

_PASSWORD = Weakness(
    key="text-named-like-a-password",
    title="Possible hard-coded password",
    cwe="CWE-259",
    impact=Level.MEDIUM,
    rules=(("B105", Level.LOW), ("B106", Level.LOW), ("B107", Level.LOW)),
    what="A text is assigned to, compared with, or passed as something that is called a password, token or secret.",
    why="If it is one, whoever reads the code, or an old copy of it, has it. Names of fields and pages are none.",
    fix="Take it from the environment or a store of secrets, and change the old one.",
    weak="""\
def connected(database):
    return database.connect(user="web", password="correct horse battery staple")
""",
    safe="""\
import os


def connected(database):
    return database.connect(user="web", password=os.environ["DATABASE_PASSWORD"])
""",
)

CRYPTOGRAPHY = (_HASH, _CIPHER, _KEY, _RANDOM, _CERTIFICATE, _VERSION, _TOKEN, _SECRET, _PASSWORD, _ANY_RANDOM)
