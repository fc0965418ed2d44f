"""What a file is for, by its path: the same word means a password in one, and nothing in another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """How a file holds values."""

    CREDENTIALS = "credentials"
    """A file that exists to hold credentials: even a weak password in it is one."""
    CONFIGURATION = "configuration"
    """Values stand behind their names, with or without quotes."""
    CODE = "code"
    """Only what is quoted is a value."""
    PROSE = "prose"
    """For readers: documentation, translations, web pages."""


@dataclass(frozen=True)
class Context:
    """What may stand in a file."""

    place: Place
    test: bool = False
    """The values in it are mostly made up."""
    sample: bool = False
    """It is to be copied, and was perhaps copied from a real one."""
    labels: bool = False
    """It names what people see: words in it are no values."""

    @property
    def example(self) -> bool:
        """Whether values are examples until they look random."""
        return self.test or self.place is Place.PROSE


_CREDENTIALS = re.compile(
    r"(^|/)(\.?netrc|_netrc|\.pgpass|pgpass\.conf|\.my\.cnf|\.git-credentials|\.?htpasswd|shadow|gshadow|master\.passwd"
    r"|\.dockercfg|\.docker/config\.json|\.?vault[-_]pass(word)?(\.txt)?|credentials|\.credentials|sitemanager\.xml"
    r"|filezilla\.xml|recentservers\.xml|\.?sftp(-config)?\.json|\.?ftpconfig|\.remote-sync\.json|webservers\.xml"
    r"|robomongo\.json|wp-config\.php|\.s3cfg|\.boto|chap-secrets|pap-secrets|ipsec\.secrets|logins\.json"
    r"|[^/]*(passwords?|credentials|logins)[^/]*\.(txt|csv|md|json|ya?ml|ini|xml|properties)|[^/]*data-sources[^/]*\.(xml|json|ya?ml|ini|properties)|\.pypirc|\.esmtprc|\.msmtprc|\.fetchmailrc)$",
    re.IGNORECASE,
)
_CONFIGURATION = re.compile(
    r"(^|/)(\.env[^/]*|[^/]*\.(env|ini|cfg|conf|cnf|config|toml|ya?ml|json5?|jsonc|properties|props|xml|plist|tfvars|tfstate"
    r"|hcl|tf|sql|dump|reg|har|netrc|npmrc|pypirc|settings|prefs|secrets?|csv|tsv|log|service|rdp|ovpn|mobileconfig)"
    r"|(docker|container)file[^/]*|\.[^/.]+(rc|profile)|\.[^/.]+|[^/.]+)$",
    re.IGNORECASE,
)
"""A name without an ending is taken for a configuration: most programs call theirs so."""
_PROSE = re.compile(
    r"\.(md|mdx|rst|txt|adoc|asciidoc|html?|xhtml|po|pot|mo|tex|1|svg|css|scss|map|lock|sum)$"
    r"|(^|/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|readme|license|licence|copying|authors"
    r"|changelog|changes|news|notice|contributing)$",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(^|/)(jenkins|vagrant|rake|gem|brew|pod|fast|tilt)file$|(^|/)(sconstruct|build|workspace)$", re.IGNORECASE
)
_BARE_NAME = re.compile(r"(^|/)[^/.]+$")
_PROGRAM = re.compile(rb"#![^\n]{0,200}\b(?:python|node|ruby|perl|php|deno|bun|lua|Rscript|groovy)")
_SCRIPT = re.compile(r"\.(sh|bash|zsh|ksh|fish|ps1|bat|cmd)$", re.IGNORECASE)
_TEST = re.compile(
    r"(^|/)(tests?|testing|__tests__|testdata|test[-_]data|spec|specs|fixtures?|mocks?|e2e|examples?|samples?|demos?|docs?)/"
    r"|(^|/)(tests?|conftest)\.\w+$|(^|/)(test_|examples?[-_.])[^/]*$|[._-](test|tests|spec|mock|example|sample|template|dist)(\.\w+)?$",
    re.IGNORECASE,
)


_LABELS = re.compile(
    r"(^|/)(locales?|i18n|l10n|lang|languages?|translations?|messages)/.*\.(json|ya?ml|properties|php|xml|toml|ini)$",
    re.IGNORECASE,
)
_SAMPLE = re.compile(r"(^|/)[^/]*\.?env[._-](example|sample|template|dist|tpl)$", re.IGNORECASE)


def context_of(path: str, head: bytes = b"") -> Context:
    """From the path, `/` between its parts, and for a name without an ending from the first bytes."""
    if _SAMPLE.search(path):
        return Context(Place.CONFIGURATION, sample=True)
    test = bool(_TEST.search(path))
    if _CREDENTIALS.search(path):
        return Context(Place.CREDENTIALS, test)
    if _PROSE.search(path):
        return Context(Place.PROSE, test)
    if _CODE.search(path) or (_BARE_NAME.search(path) and _PROGRAM.match(head)):
        return Context(Place.CODE, test)
    if _LABELS.search(path):
        return Context(Place.CONFIGURATION, test, labels=True)
    if _CONFIGURATION.search(path) or _SCRIPT.search(path):
        return Context(Place.CONFIGURATION, test)
    return Context(Place.CODE, test)
