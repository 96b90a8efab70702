"""SM2 by the system's libcrypto (OpenSSL 3), through ctypes and its EVP functions only.

The library that Python's own ``ssl`` links and the distribution keeps patched. What a call allocates is freed when it
ends, whatever happens; a call that fails leaves no error behind in the queue that ``ssl`` reads.
"""

import ctypes
import ctypes.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CDLL, POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_ubyte, c_void_p

from standards.errors import StandardsError
from standards.sm2 import encoding

_NAMES = ("libcrypto.so.3", "libcrypto.3.dylib")
_SIZE = POINTER(c_size_t)
_OUT = POINTER(c_ubyte)
_FUNCTIONS: dict[str, tuple[object, list[object]]] = {
    "OpenSSL_version_num": (ctypes.c_ulong, []),
    "ERR_clear_error": (None, []),
    "CRYPTO_free": (None, [c_void_p, c_char_p, c_int]),
    "OPENSSL_cleanse": (None, [c_void_p, c_size_t]),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_PKEY_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "EVP_PKEY_CTX_new_from_pkey": (c_void_p, [c_void_p, c_void_p, c_char_p]),
    "EVP_PKEY_keygen_init": (c_int, [c_void_p]),
    "EVP_PKEY_generate": (c_int, [c_void_p, POINTER(c_void_p)]),
    "i2d_PrivateKey": (c_int, [c_void_p, POINTER(c_void_p)]),
    "d2i_AutoPrivateKey": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
    "d2i_PUBKEY": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
    "EVP_PKEY_sign_init": (c_int, [c_void_p]),
    "EVP_PKEY_sign": (c_int, [c_void_p, _OUT, _SIZE, c_char_p, c_size_t]),
    "EVP_PKEY_verify_init": (c_int, [c_void_p]),
    "EVP_PKEY_verify": (c_int, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "EVP_PKEY_encrypt_init": (c_int, [c_void_p]),
    "EVP_PKEY_encrypt": (c_int, [c_void_p, _OUT, _SIZE, c_char_p, c_size_t]),
    "EVP_PKEY_decrypt_init": (c_int, [c_void_p]),
    "EVP_PKEY_decrypt": (c_int, [c_void_p, _OUT, _SIZE, c_char_p, c_size_t]),
}


class Libcrypto:
    """A ``standards.sm2.provider.Sm2Provider``; raises ``OSError`` or ``AttributeError`` when there is no OpenSSL 3."""

    name = "libcrypto"

    def __init__(self) -> None:
        self._lib = _load()
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(self._lib, name)
            function.restype, function.argtypes = result, arguments

    def generate(self) -> tuple[bytes, bytes]:
        lib, key, out = self._lib, c_void_p(), c_void_p()
        with (
            self._calls(),
            self._owned(lib.EVP_PKEY_CTX_new_from_name(None, b"SM2", None), lib.EVP_PKEY_CTX_free) as at,
        ):
            _require(lib.EVP_PKEY_keygen_init(at))
            _require(lib.EVP_PKEY_generate(at, byref(key)))
            with self._owned(key.value, lib.EVP_PKEY_free):
                size = lib.i2d_PrivateKey(key, byref(out))
                with self._owned(out.value, lambda pointer: lib.CRYPTO_free(pointer, None, 0)):
                    _require(size > 0)
                    der = ctypes.string_at(out, size)
                    lib.OPENSSL_cleanse(out, size)
        return encoding.ec_private_from_der(der)

    def sign(self, private: bytes, public: bytes, digest: bytes) -> bytes:
        with self._calls(), self._context(self._private(private, public)) as context:
            _require(self._lib.EVP_PKEY_sign_init(context))
            return encoding.signature_from_der(self._result(self._lib.EVP_PKEY_sign, context, digest))

    def verify(self, public: bytes, signature: bytes, digest: bytes) -> bool:
        der = encoding.signature_to_der(signature)
        if der is None:
            return False
        with self._calls(), self._context(self._public(public)) as context:
            _require(self._lib.EVP_PKEY_verify_init(context))
            return bool(self._lib.EVP_PKEY_verify(context, der, len(der), digest, len(digest)) == 1)

    def encrypt(self, public: bytes, plain: bytes) -> bytes:
        with self._calls(), self._context(self._public(public)) as context:
            _require(self._lib.EVP_PKEY_encrypt_init(context))
            return encoding.ciphertext_from_der(self._result(self._lib.EVP_PKEY_encrypt, context, plain))

    def decrypt(self, private: bytes, public: bytes, sealed: bytes) -> bytes:
        der = encoding.ciphertext_to_der(sealed)
        if der is None:
            raise StandardsError("DECRYPTION_FAILED", what="SM2")
        with self._calls(), self._context(self._private(private, public)) as context:
            _require(self._lib.EVP_PKEY_decrypt_init(context))
            try:
                return self._result(self._lib.EVP_PKEY_decrypt, context, der)
            except StandardsError:
                raise StandardsError("DECRYPTION_FAILED", what="SM2") from None

    def _private(self, private: bytes, public: bytes) -> int | None:
        return self._read(self._lib.d2i_AutoPrivateKey, encoding.private_to_der(private, public))

    def _public(self, public: bytes) -> int | None:
        return self._read(self._lib.d2i_PUBKEY, encoding.public_to_der(encoding.require_point(public)))

    @staticmethod
    def _read(function: Callable[..., int | None], der: bytes) -> int | None:
        return function(None, byref(c_char_p(der)), len(der))

    @contextmanager
    def _calls(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._lib.ERR_clear_error()

    @staticmethod
    @contextmanager
    def _owned(pointer: int | None, free: Callable[[int], object]) -> Iterator[int]:
        _require(pointer is not None)
        assert pointer is not None
        try:
            yield pointer
        finally:
            free(pointer)

    @contextmanager
    def _context(self, key: int | None) -> Iterator[int]:
        lib = self._lib
        with (
            self._owned(key, lib.EVP_PKEY_free) as owned,
            self._owned(lib.EVP_PKEY_CTX_new_from_pkey(None, owned, None), lib.EVP_PKEY_CTX_free) as context,
        ):
            yield context

    @staticmethod
    def _result(function: Callable[..., int], context: int, data: bytes) -> bytes:
        """Call twice, as EVP wants it: for the most bytes there can be, then for them."""
        size = c_size_t()
        _require(function(context, None, byref(size), data, len(data)))
        out = (c_ubyte * size.value)()
        _require(function(context, out, byref(size), data, len(data)))
        return bytes(out[: size.value])


def _require(result: object) -> None:
    """EVP functions say 1 for success, 0 or less for failure."""
    if result is not True and result != 1:
        raise StandardsError("KEY_UNREADABLE", what="SM2: libcrypto refuses the key")


def _load() -> CDLL:
    for name in _NAMES:
        try:
            return CDLL(name)
        except OSError:
            continue
    found = ctypes.util.find_library("crypto")
    if found is None:
        raise OSError("no libcrypto")
    return CDLL(found)
