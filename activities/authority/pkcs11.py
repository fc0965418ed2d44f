"""Keys that never leave a hardware module, a token or another user's process: PKCS#11, as far as signing needs it.

Source: OASIS PKCS#11 Cryptographic Token Interface 2.40 and 3.0 (CKM_ECDSA, CKM_EDDSA); RFC 7512 for the address.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from domain.core.errors import DefinitionError, SluicewayError

CKR_OK, CKR_ALREADY_LOGGED_IN, CKR_ALREADY_INITIALIZED = 0x00, 0x100, 0x191
CKF_SERIAL_SESSION, CKF_OS_LOCKING_OK, CKU_USER = 0x04, 0x02, 1
CKA_CLASS, CKA_LABEL, CKA_EC_POINT = 0x00, 0x03, 0x181
CKO_PUBLIC_KEY, CKO_PRIVATE_KEY = 2, 3
CKM_ECDSA, CKM_EDDSA = 0x1041, 0x1057
FUNCTIONS = {
    "C_Initialize": 1,
    "C_GetSlotList": 5,
    "C_GetTokenInfo": 7,
    "C_OpenSession": 13,
    "C_Login": 19,
    "C_GetAttributeValue": 25,
    "C_FindObjectsInit": 27,
    "C_FindObjects": 28,
    "C_FindObjectsFinal": 29,
    "C_SignInit": 43,
    "C_Sign": 44,
}
"""Places of functions in CK_FUNCTION_LIST, in pointers; its version takes the first."""
ULONG = ctypes.c_ulong


class _Attribute(ctypes.Structure):
    _fields_ = [("type", ULONG), ("value", ctypes.c_void_p), ("length", ULONG)]


class _Mechanism(ctypes.Structure):
    _fields_ = [("mechanism", ULONG), ("parameter", ctypes.c_void_p), ("length", ULONG)]


class _InitArguments(ctypes.Structure):
    _fields_ = [("callbacks", ctypes.c_void_p * 4), ("flags", ULONG), ("reserved", ctypes.c_void_p)]


class _TokenInfo(ctypes.Structure):
    """CK_TOKEN_INFO, of which the label is read: 32 bytes, padded with blanks."""

    _fields_ = [("label", ctypes.c_char * 32), ("rest", ctypes.c_char * 512)]


@dataclass(frozen=True)
class Place:
    """`pkcs11:token=NAME?module-path=PATH&pin-source=file:PATH`."""

    token: str
    module: Path
    pin: Path

    @classmethod
    def of(cls, address: str) -> Place:
        """Raises:
        DefinitionError: SLW503, a part is missing.
        """
        head, _, query = address.removeprefix("pkcs11:").partition("?")
        said = {name: unquote(value) for name, _, value in (one.partition("=") for one in head.split(";"))}
        more = dict(parse_qsl(query))
        token, module, pin = said.get("token", ""), more.get("module-path", ""), more.get("pin-source", "")
        if not (address.startswith("pkcs11:") and token and module.startswith("/") and pin):
            fix = "write pkcs11:token=NAME?module-path=/PATH&pin-source=file:/PATH"
            raise DefinitionError("SLW503", f"SLUICEWAY_SIGNER_KEYS is '{address[:200]}'", fix=fix)
        return cls(token, Path(module), Path(pin.removeprefix("file:")))


class Token:
    """A session with one token; a lock, since a session does one thing at a time."""

    def __init__(self, place: Place) -> None:
        """Raises:
        SluicewayError: SLW880, the module, the token or its PIN cannot be used.
        """
        self._place, self._lock = place, threading.Lock()
        try:
            self._module = ctypes.CDLL(str(place.module))
            pin = place.pin.read_text().strip().encode()
            listed = ctypes.POINTER(ctypes.c_void_p)()
            self._module.C_GetFunctionList(ctypes.byref(listed))
        except (OSError, AttributeError, UnicodeDecodeError) as broken:
            raise self._unusable(str(broken)) from broken
        self._functions = listed
        arguments = _InitArguments(flags=CKF_OS_LOCKING_OK)
        self._call("C_Initialize", ctypes.byref(arguments), fine=(CKR_OK, CKR_ALREADY_INITIALIZED))
        self._session = ULONG()
        flags = ULONG(CKF_SERIAL_SESSION)
        self._call("C_OpenSession", ULONG(self._slot()), flags, None, None, ctypes.byref(self._session))
        login = (self._session, ULONG(CKU_USER), ctypes.c_char_p(pin), ULONG(len(pin)))
        self._call("C_Login", *login, fine=(CKR_OK, CKR_ALREADY_LOGGED_IN))

    def sign(self, label: str, mechanism: int, data: bytes) -> bytes:
        """A raw signature by the private key with this label.

        Raises:
            SluicewayError: SLW880, there is none, or it does not sign.
        """
        how = _Mechanism(mechanism, None, 0)
        with self._lock:
            key = ULONG(self._object(CKO_PRIVATE_KEY, label))
            self._call("C_SignInit", self._session, ctypes.byref(how), key)
            made, size = ctypes.create_string_buffer(256), ULONG(256)
            self._call("C_Sign", self._session, data, ULONG(len(data)), made, ctypes.byref(size))
        return made.raw[: size.value]

    def point(self, label: str) -> bytes:
        """The public half of a key: its point on the curve, without the OCTET STRING around it."""
        with self._lock:
            found = self._object(CKO_PUBLIC_KEY, label)
            made = ctypes.create_string_buffer(256)
            wanted = _Attribute(CKA_EC_POINT, ctypes.cast(made, ctypes.c_void_p), 256)
            self._call("C_GetAttributeValue", self._session, ULONG(found), ctypes.byref(wanted), ULONG(1))
        point = made.raw[: wanted.length]
        return point[2:] if point[:1] == b"\x04" and len(point) == point[1] + 2 else point

    def _slot(self) -> int:
        count = ULONG()
        self._call("C_GetSlotList", ctypes.c_ubyte(1), None, ctypes.byref(count))
        slots = (ULONG * count.value)()
        self._call("C_GetSlotList", ctypes.c_ubyte(1), slots, ctypes.byref(count))
        for slot in slots[: count.value]:
            info = _TokenInfo()
            self._call("C_GetTokenInfo", ULONG(slot), ctypes.byref(info))
            if info.label.decode("utf-8", "replace").rstrip(" \0") == self._place.token:
                return int(slot)
        raise self._unusable("the module has no such token")

    def _object(self, kind: int, label: str) -> int:
        """The only object of this kind with this label."""
        wanted, name = ULONG(kind), label.encode()
        template = (_Attribute * 2)(
            _Attribute(CKA_CLASS, ctypes.cast(ctypes.byref(wanted), ctypes.c_void_p), ctypes.sizeof(wanted)),
            _Attribute(CKA_LABEL, ctypes.cast(ctypes.c_char_p(name), ctypes.c_void_p), len(name)),
        )
        found, count = (ULONG * 2)(), ULONG()
        self._call("C_FindObjectsInit", self._session, template, ULONG(2))
        try:
            self._call("C_FindObjects", self._session, found, ULONG(2), ctypes.byref(count))
        finally:
            self._call("C_FindObjectsFinal", self._session)
        if count.value != 1:
            raise self._unusable(f"it has {count.value or 'no'} keys of that kind with the label {label}, not one")
        return int(found[0])

    def _call(self, name: str, *arguments: object, fine: Sequence[int] = (CKR_OK,)) -> None:
        function: Callable[..., int] = ctypes.CFUNCTYPE(ULONG)(self._functions[FUNCTIONS[name]])
        answer = function(*arguments)
        if answer not in fine:
            raise self._unusable(f"{name} answers 0x{answer:x}")

    def _unusable(self, why: str) -> SluicewayError:
        where = f"token {self._place.token} of {self._place.module}"
        return SluicewayError("SLW880", "the keys of the signer cannot be used", where=where, why=why)
