# real: CWE-22
"""Where patients are kept."""

import zipfile

ROOT = "/srv/patients"


def patient_by_ward(ward):
    with zipfile.ZipFile(f"{ROOT}/{ward}.zip") as archive:
        body = archive.namelist()
    return body
