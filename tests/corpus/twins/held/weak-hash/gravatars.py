# twin: CWE-328
"""Gravatars."""

from hashlib import md5


def picture(mail):
    return "/avatar/" + md5(mail.lower().encode(), usedforsecurity=False).hexdigest()
