"""What is weak by itself."""

from __future__ import annotations

from domain.scans.dataflow.models.model import words

ALGORITHMS = frozenset({"md2", "md4", "md5", "sha", "sha1", "ripemd160", "md5sha1"})
HASHES = words(
    """hashlib.md5 hashlib.sha1 md5.new sha.new Crypto.Hash.MD2.new Crypto.Hash.MD4.new Crypto.Hash.MD5.new
    Crypto.Hash.SHA.new Crypto.Hash.SHA1.new Cryptodome.Hash.MD5.new Cryptodome.Hash.SHA1.new Cryptodome.Hash.MD4.new
    cryptography.hazmat.primitives.hashes.MD5 cryptography.hazmat.primitives.hashes.SHA1"""
)
CIPHERS = frozenset(
    f"{package}.Cipher.{name}.new"
    for package in ("Crypto", "Cryptodome")
    for name in ("DES", "DES3", "ARC2", "ARC4", "Blowfish", "CAST", "XOR")
) | frozenset(
    f"cryptography.hazmat.primitives.ciphers.{name}"
    for name in (
        *("algorithms.ARC4", "algorithms.Blowfish", "algorithms.IDEA", "algorithms.TripleDES", "algorithms.CAST5"),
        *("algorithms.SEED", "modes.ECB"),
    )
)
MODES = frozenset({"MODE_ECB"})
UNCHECKED = frozenset({"ssl._create_unverified_context", "ssl._create_stdlib_context"})
VERIFYING = ("requests.", "httpx.")
"""Libraries whose argument `verify` decides about certificates."""
SHELLS = frozenset(
    {"sh", "bash", "dash", "zsh", "ksh", "cmd", "cmd.exe", "powershell", "pwsh", "python", "python3", "perl"}
)
"""Programs that run their arguments."""
SECRET_NAMES = (
    r"(?:^|_)(?:token|secret|passw(?:or)?d|passphrase|passcode|otp|salt|nonce|csrf|api_?key|session_?(?:id|key)"
    r"|secret_?key|auth_?key|signing_?key|invit(?:e|ation)(?:_?code)?|voucher|coupon|sid|captcha|challenge|reset_?(?:code|key)|verification_?code|pin|cookie|iv)(?:s|_|$)"
)
"""Names of values that nobody may guess."""
