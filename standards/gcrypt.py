"""SM3 and SM4-GCM by the system's libgcrypt, where there is one: SM4 in a fifth of the time, SM3 in four fifths.

Its SM4 uses the processor's vectors and no tables that depend on the key, as OpenSSL's does on processors without SM4
instructions. Debian and Ubuntu have it (apt stands on it); nothing depends on it (``exchange/decisions/0003``).
"""

import ctypes
from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from functools import cache
from hashlib import sha256
from typing import Self

_NAME = "libgcrypt.so.20"
_SM3, _SM4, _GCM, _HMAC = (
    326,
    318,
    9,
    2,
)  # gcrypt.h: GCRY_MD_SM3, GCRY_CIPHER_SM4, GCRY_CIPHER_MODE_GCM, GCRY_MD_FLAG_HMAC
_DISABLE_SECURE_MEMORY, _INITIALISED, _IS_INITIALISED = 37, 38, 39  # GCRYCTL_…
_DIGEST_BYTES, _TAG_BYTES = 32, 16
_FUNCTIONS = {
    "gcry_check_version": (c_char_p, [c_char_p]),
    "gcry_md_open": (c_uint, [POINTER(c_void_p), c_int, c_uint]),
    "gcry_md_setkey": (c_uint, [c_void_p, c_char_p, c_size_t]),
    "gcry_md_write": (None, [c_void_p, c_void_p, c_size_t]),
    "gcry_md_copy": (c_uint, [POINTER(c_void_p), c_void_p]),
    "gcry_md_read": (c_void_p, [c_void_p, c_int]),
    "gcry_md_close": (None, [c_void_p]),
    "gcry_cipher_open": (c_uint, [POINTER(c_void_p), c_int, c_int, c_uint]),
    "gcry_cipher_setkey": (c_uint, [c_void_p, c_char_p, c_size_t]),
    "gcry_cipher_setiv": (c_uint, [c_void_p, c_char_p, c_size_t]),
    "gcry_cipher_authenticate": (c_uint, [c_void_p, c_char_p, c_size_t]),
    "gcry_cipher_encrypt": (c_uint, [c_void_p, c_void_p, c_size_t, c_char_p, c_size_t]),
    "gcry_cipher_decrypt": (c_uint, [c_void_p, c_void_p, c_size_t, c_char_p, c_size_t]),
    "gcry_cipher_gettag": (c_uint, [c_void_p, c_void_p, c_size_t]),
    "gcry_cipher_checktag": (c_uint, [c_void_p, c_char_p, c_size_t]),
    "gcry_cipher_close": (None, [c_void_p]),
}

# What it must make of 5,003 bytes before it is used: long enough for every vector path. The tests have `cryptography`
# make the same.
TRIAL = bytes(number * 7 % 256 for number in range(5003))
_TRIAL_SM3 = "eaf1bf8cd106d4231faf47d4f47e1e0a4c8501cfbf642c535646e8a0bade4c75"
_TRIAL_HMAC = "70c423f85c3c8af03c206a2efed09e59b10678ff6e393d284574592d1efbbaab"
_TRIAL_SEALED = "e3b4d51908742d073e46462ac25386fe84d780a61de947eab95b88c585d2c5ce"  # SHA-256 of it


class GcryptSm3:
    """SM3, or HMAC-SM3 with a key, in the shape of ``cryptography``'s ``Hash``. Raises ``OSError``."""

    def __init__(self, lib: CDLL, key: bytes | None = None) -> None:
        self._lib = lib
        self._handle = c_void_p()
        _require(lib.gcry_md_open(byref(self._handle), _SM3, 0 if key is None else _HMAC))
        if key is not None:
            _require(lib.gcry_md_setkey(self._handle, key, len(key)))

    def update(self, data: bytes | bytearray | memoryview, /) -> None:
        """Outside the interpreter's lock."""
        if not isinstance(data, bytes):
            view = memoryview(data)
            if not view.readonly:
                self._lib.gcry_md_write(self._handle, (ctypes.c_char * view.nbytes).from_buffer(view), view.nbytes)
                return
            data = bytes(view)
        self._lib.gcry_md_write(self._handle, data, len(data))

    def copy(self) -> Self:
        copied = object.__new__(type(self))
        copied._lib, copied._handle = self._lib, c_void_p()
        _require(self._lib.gcry_md_copy(byref(copied._handle), self._handle))
        return copied

    def finalize(self) -> bytes:
        """Nothing may be added to it after this."""
        return ctypes.string_at(self._lib.gcry_md_read(self._handle, _SM3), _DIGEST_BYTES)

    def __del__(self) -> None:
        self._lib.gcry_md_close(self._handle)


class GcryptSm4Gcm:
    """SM4-GCM under one key; every call has a context of its own, so that threads need not wait for each other."""

    def __init__(self, lib: CDLL, key: bytes) -> None:
        self._lib = lib
        self._key = key

    def encrypt(self, nonce: bytes, plain: bytes, associated: bytes) -> bytes:
        """Ciphertext and tag. Raises ``OSError``."""
        lib, out = self._lib, ctypes.create_string_buffer(len(plain) + _TAG_BYTES)
        cipher = self._begin(nonce, associated)
        try:
            _require(lib.gcry_cipher_encrypt(cipher, out, len(plain), plain, len(plain)))
            _require(lib.gcry_cipher_gettag(cipher, byref(out, len(plain)), _TAG_BYTES))
        finally:
            lib.gcry_cipher_close(cipher)
        return out.raw

    def decrypt(self, nonce: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """The plaintext; None when the tag does not fit. Raises ``OSError``."""
        size = len(sealed) - _TAG_BYTES
        if size < 0:
            return None
        lib, out = self._lib, ctypes.create_string_buffer(size or 1)
        cipher = self._begin(nonce, associated)
        try:
            _require(lib.gcry_cipher_decrypt(cipher, out, size, sealed, size))
            if lib.gcry_cipher_checktag(cipher, sealed[size:], _TAG_BYTES):
                return None
        finally:
            lib.gcry_cipher_close(cipher)
        return out.raw[:size]

    def _begin(self, nonce: bytes, associated: bytes) -> c_void_p:
        lib, cipher = self._lib, c_void_p()
        _require(lib.gcry_cipher_open(byref(cipher), _SM4, _GCM, 0))
        try:
            _require(lib.gcry_cipher_setkey(cipher, self._key, len(self._key)))
            _require(lib.gcry_cipher_setiv(cipher, nonce, len(nonce)))
            _require(lib.gcry_cipher_authenticate(cipher, associated, len(associated)))
        except OSError:
            lib.gcry_cipher_close(cipher)
            raise
        return cipher


@cache
def gcrypt() -> CDLL | None:
    """The library of this process, tried out; None where there is none that can both."""
    try:
        lib = CDLL(_NAME)
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(lib, name)
            function.restype, function.argtypes = result, arguments
        _require(lib.gcry_check_version(None) is None)
        if not lib.gcry_control(_IS_INITIALISED):
            _require(lib.gcry_control(_DISABLE_SECURE_MEMORY, 0))
            _require(lib.gcry_control(_INITIALISED, 0))
        return lib if _is_sound(lib) else None
    except (OSError, AttributeError):  # no library, one without SM, or in a mode that refuses it
        return None


def _is_sound(lib: CDLL) -> bool:
    plain, keyed, cipher = GcryptSm3(lib), GcryptSm3(lib, TRIAL[:32]), GcryptSm4Gcm(lib, TRIAL[:16])
    plain.update(TRIAL)
    keyed.update(TRIAL)
    sealed = cipher.encrypt(TRIAL[:12], TRIAL, TRIAL[:32])
    return (
        (plain.finalize().hex(), keyed.finalize().hex()) == (_TRIAL_SM3, _TRIAL_HMAC)
        and sha256(sealed).hexdigest() == _TRIAL_SEALED
        and cipher.decrypt(TRIAL[:12], sealed, TRIAL[:32]) == TRIAL
        and cipher.decrypt(TRIAL[:12], sealed, TRIAL[:31]) is None
    )


def _require(error: object) -> None:
    if error:
        raise OSError("libgcrypt refuses")
