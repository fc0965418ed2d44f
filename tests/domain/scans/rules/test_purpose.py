"""Names say what a hash is for, and settings for whom; they never say that a password's hash is harmless."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings.model import Finding, FindingKind, Severity
from domain.scans.rules.purpose import HASH, step
from domain.scans.rules.severity import rated

HASHED = Finding(tool="bandit", rule="B324", kind=FindingKind.SAST, severity=Severity.MEDIUM, message="", cwe="CWE-327")


@pytest.mark.parametrize(
    ("code", "scope", "expected"),
    [
        ("return self.pwd_hash == md5(password.encode()).hexdigest()", "User.check", Severity.HIGH),
        ("digest = sha1(userPassword)", "", Severity.HIGH),
        ("return md5(self.email.encode()).hexdigest()", "User.gravatar_hash", Severity.LOW),
        ("etag = md5(body).hexdigest()", "page", Severity.LOW),
        ("return md5(text).hexdigest()", "digest", Severity.MEDIUM),
        ("token = md5(email + now).hexdigest()", "avatar", Severity.MEDIUM),
        ("return md5(passwords_of_cache).hexdigest()", "etag", Severity.HIGH),
    ],
)
def test_a_hash_is_as_bad_as_what_it_is_for(code, scope, expected):
    (made,) = rated([replace(HASHED, code=code, scope=scope)])

    assert made.severity is expected


@given(st.lists(st.sampled_from(["gravatar", "etag", "cache", "x", "salt"])).map(" ".join))
def test_attack_no_name_takes_a_password_down(words):
    assert step(HASH, replace(HASHED, code=f"md5(password) {words}", scope=words))[0] == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("shop/settings.py", Severity.MEDIUM),
        ("shop/settings/dev.py", Severity.LOW),
        ("settings_local.py", Severity.LOW),
        ("devices/settings.py", Severity.MEDIUM),
    ],
)
def test_settings_of_development_count_less(path, expected):
    (made,) = rated([replace(HASHED, tool="semgrep", rule="python-django-debug-on", cwe="CWE-489", path=path)])

    assert made.severity is expected
