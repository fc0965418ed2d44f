# real: CWE-601
"""Letters in folders."""

from flask import Blueprint, redirect

letters = Blueprint("letters", __name__, url_prefix="/letters")


def checked(text):
    if text.lower() == "all":
        raise ValueError("too many")
    return text


@letters.get("/<path:folder_name>")
def count_letters(folder_name):
    folder = folder_name
    wanted_folder = checked(folder)
    return redirect("//%s/letters" % wanted_folder)
