"""What holds where nothing else is set is a secret, in every way that languages write that."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.scans.scanners.secrets import rule_files
from domain.scans.secrets.context import context_of
from domain.scans.secrets.fallbacks import fallbacks
from domain.scans.secrets.search import search

RULES = rule_files.load()
KEY, PASSWORD = "f3a9c17b5d2e" + "84061c7a", "Amsel446" + "nest"
WRITTEN = [
    ("a.py", "SECRET_KEY = os.environ.get('SECRET_KEY') or '{}'"),
    ("a.py", "k = os.getenv('API_TOKEN', '{}')"),
    ("a.py", "SECRET_KEY = env('SECRET_KEY', default='{}')"),
    ("a.py", "SECRET_KEY = config(\n    'SECRET_KEY',\n    default=\"{}\",\n)"),
    ("a.py", "os.environ.setdefault('DB_PASSWORD', '{}')"),
    ("a.py", "password = os.environ['PASSWORD'] if 'PASSWORD' in os.environ else '{}'"),
    ("a.py", "class Settings:\n    token: str = Field('{}', alias='TOKEN')"),
    ("a.py", "@click.option('--password', default='{}')"),
    ("a.py", "parser.add_argument('--token', help='of the service', default='{}')"),
    ("a.js", "const secret = process.env.JWT_SECRET || '{}';"),
    ("a.ts", "jwt.sign(claims, process.env.JWT_SECRET ?? '{}')"),
    ("a.rb", "secret = ENV.fetch('SECRET_KEY_BASE') {{ '{}' }}"),
    ("a.rb", "secret = ENV['SECRET'] || '{}'"),
    ("a.php", "$password = getenv('DB_PASSWORD') ?: '{}';"),
    ("a.go", 'secret := getEnv("JWT_SECRET", "{}")'),
    ("a.java", '@Value("${{jwt.secret:{}}}")'),
    ("application.yml", "secret: ${{JWT_SECRET:{}}}"),
    ("compose.yml", "environment:\n  - POSTGRES_PASSWORD=${{POSTGRES_PASSWORD:-{}}}"),
    ("run.sh", 'export TOKEN="${{TOKEN:-{}}}"'),
    ("run.sh", ': "${{DB_PASSWORD:={}}}"'),
    ("values.yaml", "auth:\n  password: {}\n"),
    ("templates/s.yaml", 'password: {{{{ .Values.password | default "{}" | quote }}}}'),
    ("main.tf", 'variable "db_password" {{\n  description = "of it"\n  default = "{}"\n}}'),
    ("Makefile", "DB_PASSWORD ?= {}"),
    ("a.cs", 'var secret = Environment.GetEnvironmentVariable("JWT_SECRET") ?? "{}";'),
    ("a.kt", 'val secret = System.getenv("JWT_SECRET") ?: "{}"'),
    ("a.rs", 'let secret = env::var("JWT_SECRET").unwrap_or_else(|_| "{}".into());'),
    (".env.example", "API_TOKEN={}"),
]
OTHERS = [
    "token_type = os.environ.get('TOKEN_TYPE') or '{}'",
    "name = password and other or '{}'  # of: name = x",
    "x = f(password=p, color=c or '{}')",
    "label = field.default == '{}'",
    "mode = env('MODE', default='{}')",
]


def found(path: str, text: str, value: str) -> bool:
    return any(value in hit.value.decode() for hit in search(f"{text}\n".encode(), path, RULES))


@pytest.mark.parametrize(("path", "text"), WRITTEN)
def test_what_holds_without_the_variable_is_found(path, text):
    assert found(path, text.format(KEY), KEY)


@pytest.mark.parametrize("value", ["changeme", "secret", "", "your-key-here", "None", "dev"])
@pytest.mark.parametrize(("path", "text"), [one for one in WRITTEN if not one[0].endswith((".yaml", ".tf", "file"))])
def test_what_says_that_it_has_to_be_set_is_none(path, text, value):
    assert not search(f"{text.format(value)}\n".encode(), path, RULES)


@pytest.mark.parametrize("text", OTHERS)
def test_what_belongs_to_another_name_is_none(text):
    assert not found("a.py", text.format(PASSWORD), PASSWORD)


@given(st.binary(max_size=200), st.sampled_from([b"token = x or '", b"(password, default='", b"${a.secret:"]))
def test_any_bytes_are_read_and_every_value_is_where_it_is_said_to_be(data, before):
    text = data + before + data

    assert all(text[one.start : one.end] == one.value for one in fallbacks(text))


def test_a_sample_of_an_environment_is_no_test() -> None:
    assert found(".env.example", f"DB_PASSWORD={PASSWORD}", PASSWORD)
    assert not context_of("deploy/.env.example").example


@pytest.mark.parametrize("value", ["Contrasenya", "Şifre", "كلمة المرور", "此令牌仅显示一次。请立即复制。", "Hasło"])
def test_words_in_a_translation_are_no_values(value):
    text = f'{{"login": "x", "password": "{value}", "host": "y"}}'

    assert not search(text.encode(), "ui/locales/xx/admin.json", RULES)


def test_a_translation_hides_no_key() -> None:
    assert found("ui/locales/xx/admin.json", f'{{"token": "{KEY}"}}', KEY)
