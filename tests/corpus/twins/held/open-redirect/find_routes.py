# real: CWE-601
"""Lines of a bus company."""

from bottle import redirect, request, route


def place_of_route(line):
    return line or "/"


@route("/routes")
def find_routes():
    line = request.get_cookie("line", "")
    letter = "xyz"[1]
    match letter:
        case "x":
            wanted_line = "red"
        case "y":
            wanted_line = line
        case _:
            wanted_line = ""
    redirect(place_of_route(wanted_line))
