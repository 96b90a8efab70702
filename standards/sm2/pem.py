"""SM2 private keys as PEM: PKCS#8, with a passphrase encrypted by PBES2 (RFC 8018), which OpenSSL reads and writes too.

PBKDF2 with HMAC-SHA-256 and AES-256-CBC, as ``cryptography`` does for the other keys; it cannot do it for this curve.
"""

import base64
import binascii
import re

from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.x509 import ObjectIdentifier

from standards.crypto import random_bytes
from standards.errors import StandardsError
from standards.sm2 import encoding

_PEM = re.compile(rb"-----BEGIN ((?:ENCRYPTED )?PRIVATE KEY)-----\s([A-Za-z0-9+/=\s]+)-----END \1-----\s*")
_ITERATIONS = 600_000
_MOST_ITERATIONS = 10_000_000  # a file that asks for more is refused rather than waited for
_SALT_BYTES, _BLOCK_BYTES, _KEY_BYTES = 16, 16, 32

_PBES2 = ObjectIdentifier("1.2.840.113549.1.5.13")
_PBKDF2 = ObjectIdentifier("1.2.840.113549.1.5.12")
_HMAC_SHA256 = ObjectIdentifier("1.2.840.113549.2.9")
_AES_256_CBC = ObjectIdentifier("2.16.840.1.101.3.4.1.42")


@asn1.sequence
class _Prf:
    algorithm: ObjectIdentifier
    parameters: asn1.Null


@asn1.sequence
class _Pbkdf2Parameters:
    salt: bytes
    iterations: int
    key_bytes: int | None
    prf: _Prf


@asn1.sequence
class _Derivation:
    algorithm: ObjectIdentifier
    parameters: _Pbkdf2Parameters


@asn1.sequence
class _Encryption:
    algorithm: ObjectIdentifier
    vector: bytes


@asn1.sequence
class _Pbes2Parameters:
    derivation: _Derivation
    encryption: _Encryption


@asn1.sequence
class _Pbes2:
    algorithm: ObjectIdentifier
    parameters: _Pbes2Parameters


@asn1.sequence
class _Encrypted:
    scheme: _Pbes2
    data: bytes


def to_pem(private: bytes, public: bytes, passphrase: bytes | None) -> bytes:
    der, kind = encoding.private_to_der(private, public), b"PRIVATE KEY"
    if passphrase:
        der, kind = _encrypt(der, passphrase), b"ENCRYPTED PRIVATE KEY"
    text = base64.b64encode(der)
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    return b"\n".join([b"-----BEGIN " + kind + b"-----", *lines, b"-----END " + kind + b"-----", b""])


def from_pem(pem: bytes, passphrase: bytes | None) -> tuple[bytes, bytes]:
    """Private and public key; raises ``StandardsError KEY_UNREADABLE``."""
    found = _PEM.fullmatch(pem.strip())
    if found is None:
        raise StandardsError("KEY_UNREADABLE", what="not a PEM private key")
    if (found[1] == b"ENCRYPTED PRIVATE KEY") != bool(passphrase):
        raise StandardsError("KEY_UNREADABLE", what="a passphrase is missing, or there is none to the key")
    try:
        der = base64.b64decode(b"".join(found[2].split()), validate=True)
        if passphrase:
            der = _decrypt(der, passphrase)
    except (binascii.Error, ValueError):
        raise StandardsError("KEY_UNREADABLE", what="not an SM2 key, or a wrong passphrase") from None
    return encoding.private_from_der(der)


def _encrypt(der: bytes, passphrase: bytes) -> bytes:
    salt, vector = random_bytes(_SALT_BYTES), random_bytes(_BLOCK_BYTES)
    padder = padding.PKCS7(_BLOCK_BYTES * 8).padder()
    encryptor = _cipher(passphrase, salt, _ITERATIONS, vector).encryptor()
    derivation = _Pbkdf2Parameters(
        salt=salt, iterations=_ITERATIONS, key_bytes=None, prf=_Prf(algorithm=_HMAC_SHA256, parameters=asn1.Null())
    )
    scheme = _Pbes2Parameters(
        derivation=_Derivation(algorithm=_PBKDF2, parameters=derivation),
        encryption=_Encryption(algorithm=_AES_256_CBC, vector=vector),
    )
    data = encryptor.update(padder.update(der) + padder.finalize()) + encryptor.finalize()
    return asn1.encode_der(_Encrypted(scheme=_Pbes2(algorithm=_PBES2, parameters=scheme), data=data))


def _decrypt(der: bytes, passphrase: bytes) -> bytes:
    """Raises ``ValueError``."""
    outer = asn1.decode_der(_Encrypted, der)
    derivation, encryption = outer.scheme.parameters.derivation, outer.scheme.parameters.encryption
    named = (outer.scheme.algorithm, derivation.algorithm, derivation.parameters.prf.algorithm, encryption.algorithm)
    if named != (_PBES2, _PBKDF2, _HMAC_SHA256, _AES_256_CBC):
        raise ValueError("another encryption")
    if not 1 <= derivation.parameters.iterations <= _MOST_ITERATIONS:
        raise ValueError("an unusual number of iterations")
    salt, iterations = derivation.parameters.salt, derivation.parameters.iterations
    decryptor = _cipher(passphrase, salt, iterations, encryption.vector).decryptor()
    unpadder = padding.PKCS7(_BLOCK_BYTES * 8).unpadder()
    return unpadder.update(decryptor.update(outer.data) + decryptor.finalize()) + unpadder.finalize()


def _cipher(passphrase: bytes, salt: bytes, iterations: int, vector: bytes) -> Cipher[modes.CBC]:
    key = PBKDF2HMAC(hashes.SHA256(), _KEY_BYTES, salt, iterations).derive(passphrase)
    return Cipher(algorithms.AES(key), modes.CBC(vector))
