# real: CWE-95
"""Courses of a term."""

from pyramid.view import view_config


@view_config(route_name="courses", renderer="json")
def find_courses(request):
    term = request.GET.get("term", "")
    wanted = {"sort": "spring"}
    wanted["term"] = term
    wanted_term = wanted["term"]
    rule = compile(wanted_term, "<rule>", "eval")
    total = eval(rule)
    return {"course": total}
