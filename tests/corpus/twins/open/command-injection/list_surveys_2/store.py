# real: CWE-78
"""Where surveys are kept."""

import subprocess


def survey_by_panel(panel):
    done = subprocess.run(f"print-survey --panel {panel}", shell=True, capture_output=True, check=False)
    status = done.returncode
    return status
