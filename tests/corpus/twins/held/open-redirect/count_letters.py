# twin: CWE-601
"""Letters in folders."""

from flask import Blueprint, jsonify, redirect

letters = Blueprint("letters", __name__, url_prefix="/letters")


@letters.get("/<path:folder_name>")
def count_letters(folder_name):
    folder = folder_name
    if not folder.startswith("/") or folder.startswith(("//", "/\\")):
        return jsonify(error="unknown folder"), 404
    return redirect(folder)
