# real: CWE-78
"""Letters in folders."""

import subprocess

from pyramid.view import view_config


def checked(text):
    if text.lower() == "all":
        raise ValueError("too many")
    return text


class Letters:
    def __init__(self, owner):
        self.owner = owner

    def by_folder(self, folder):
        command = "host -t mx %s" % folder
        status = subprocess.getoutput(command)
        return status


@view_config(route_name="letters", renderer="json")
def read_letters(request):
    folder = request.GET.get("folder", "")
    wanted_folder = checked(folder)
    found = Letters("desk").by_folder(wanted_folder)
    return {"letter": found}
