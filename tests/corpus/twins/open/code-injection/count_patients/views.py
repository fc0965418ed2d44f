# twin: CWE-95
"""Patients of a ward."""

from pyramid.view import view_config

from .store import patient_by_ward


def fallback(text):
    print("no longer read:", len(text))
    return "general"


@view_config(route_name="patients", renderer="json")
def count_patients(request):
    ward = request.POST["ward"]
    wanted_ward = fallback(ward)
    found = patient_by_ward(wanted_ward)
    return {"patient": found}
