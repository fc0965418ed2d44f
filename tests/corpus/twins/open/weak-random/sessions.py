# twin: CWE-330
"""Sessions."""

import uuid


def new_session(user):
    session_id = str(uuid.uuid4())
    return {session_id: user}
