"""Cryptography, randomness, certificates, tokens."""

import hashlib
import random
import secrets
import ssl

import jwt
import paramiko
import requests
from Crypto.Cipher import AES, ARC4, DES
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def stored(password):
    return hashlib.md5(password.encode()).hexdigest()  # weak: 328


def stored_slowly(password, salt):
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1).hex()  # fine: 328


def signature(text):
    return hashlib.sha1(text).hexdigest()  # weak: 328


def signature_strong(text):
    return hashlib.sha256(text).hexdigest()  # fine: 328


def checksum(data):
    return hashlib.md5(data, usedforsecurity=False).hexdigest()  # fine: 328


def named(data):
    return hashlib.new("sha1", data).hexdigest()  # weak: 328


def named_strong(data):
    return hashlib.new("sha3_256", data).hexdigest()  # fine: 328


def secret_text(key, text):
    return DES.new(key, DES.MODE_ECB).encrypt(text)  # weak: 327


def stream(key, text):
    return ARC4.new(key).encrypt(text)  # weak: 327


def blocks(key, text):
    return AES.new(key, AES.MODE_ECB).encrypt(text)  # weak: 327


def blocks_authenticated(key, text):
    return AES.new(key, AES.MODE_GCM).encrypt_and_digest(text)  # fine: 327


def book(key):
    return Cipher(algorithms.AES(key), modes.ECB())  # weak: 327


def counter(key, nonce):
    return Cipher(algorithms.AES(key), modes.GCM(nonce))  # fine: 327


def pair():
    return rsa.generate_private_key(public_exponent=65537, key_size=1024)  # weak: 326


def pair_long():
    return rsa.generate_private_key(public_exponent=65537, key_size=3072)  # fine: 326


def invite():
    token = random.randint(100000, 999999)  # weak: 330
    return token


def invite_secret():
    token = secrets.token_urlsafe(16)  # fine: 330
    return token


def reset(user):
    user.password = "".join(random.choice("abcdef0123456789") for _ in range(12))  # weak: 330


def delay():
    pause_s = random.uniform(0.1, 0.3)  # fine: 330
    return pause_s


def session_key():
    session_id = str(random.random())[2:]  # weak: 330
    return session_id


def fetch(address):
    return requests.get(address, verify=False, timeout=5)  # weak: 295


def fetch_verified(address):
    return requests.get(address, verify="/etc/ssl/ca.pem", timeout=5)  # fine: 295


def context():
    return ssl._create_unverified_context()  # weak: 295


def context_default():
    return ssl.create_default_context()  # fine: 295


def relaxed():
    relaxed_context = ssl.create_default_context()
    relaxed_context.check_hostname = False  # weak: 295
    relaxed_context.verify_mode = ssl.CERT_NONE  # weak: 295
    return relaxed_context


def remote(host):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # weak: 295
    client.connect(host)


def remote_known(host):
    client = paramiko.SSHClient()
    client.load_system_host_keys()  # fine: 295
    client.connect(host)


def old_protocol():
    return ssl.SSLContext(ssl.PROTOCOL_TLSv1)  # weak: 327


def new_protocol():
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # fine: 327


def lowered(tls):
    tls.minimum_version = ssl.TLSVersion.TLSv1_1  # weak: 327


def raised(tls):
    tls.minimum_version = ssl.TLSVersion.TLSv1_2  # fine: 327


def claims(token):
    return jwt.decode(token, options={"verify_signature": False})  # weak: 347


def claims_verified(token, key):
    return jwt.decode(token, key, algorithms=["RS256"])  # fine: 347


def claims_of_nobody(token, key):
    return jwt.decode(token, key, algorithms=["HS256", "none"])  # weak: 347


def issued(claims_):
    return jwt.encode(claims_, "a key that everybody knows")  # weak: 798


def issued_elsewhere(claims_, environment):
    return jwt.encode(claims_, environment["JWT_KEY"], algorithm="HS256")  # fine: 798
