"""SM2's curve, what is digested before signing, and the forms that points, signatures, ciphertexts and keys take.

Here all are raw: a point is ``04 ‖ x ‖ y`` (65 bytes), a signature ``r ‖ s`` (64), a ciphertext ``C1 ‖ C3 ‖ C2`` with a
point first (GB/T 32918.4-2016). Libraries speak the DER of GM/T 0009 (GB/T 35276). Data: GB/T 32918.5-2017.
"""

from typing import Annotated

from cryptography.hazmat import asn1
from cryptography.x509 import ObjectIdentifier

from standards.errors import StandardsError
from standards.sm import sm3_digest

USER_ID = b"1234567812345678"  # GM/T 0009-2012 §10: the default, and the only one here
SCALAR_BYTES = 32
POINT_BYTES = 65
SIGNATURE_BYTES = 64
_DIGEST_BYTES = 32

P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
A = P - 3
B = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
_GX = 0x32C4AE2C_1F198119_5F990446_6A39C994_8FE30BBF_F2660BE1_715A4589_334C74C7
_GY = 0xBC3736A2_F4F6779C_59BDCEE3_6B692153_D0A9877C_C62A4740_02DF32E5_2139F0A0

_ID_EC_PUBLIC_KEY = ObjectIdentifier("1.2.840.10045.2.1")
_ID_SM2 = ObjectIdentifier("1.2.156.10197.1.301")


def is_point(data: bytes) -> bool:
    """Whether these are the 65 bytes of a point on the curve; as its cofactor is 1, every one is in the group."""
    if len(data) != POINT_BYTES or data[0] != 4:
        return False
    x, y = (int.from_bytes(data[at : at + SCALAR_BYTES], "big") for at in (1, 33))
    return x < P and y < P and (y * y - x * x * x - A * x - B) % P == 0


def require_point(public: bytes) -> bytes:
    """The point; raises ``StandardsError KEY_UNREADABLE``."""
    if not is_point(public):
        raise StandardsError("KEY_UNREADABLE", what="not a point of the SM2 curve")
    return public


def require_scalar(private: bytes) -> bytes:
    """A private key, 1 to n − 2 (GB/T 32918.1-2016 §6.1); raises ``StandardsError KEY_UNREADABLE``."""
    if len(private) != SCALAR_BYTES or not 1 <= int.from_bytes(private, "big") <= N - 2:
        raise StandardsError("KEY_UNREADABLE", what="an SM2 private key out of range")
    return private


def signed_digest(public: bytes, data: bytes) -> bytes:
    """``e = SM3(Z ‖ data)``, which SM2 signs; Z binds user id, curve and public key (GB/T 32918.2-2016 §5.5, §6.1)."""
    curve = b"".join(number.to_bytes(SCALAR_BYTES, "big") for number in (A, B, _GX, _GY))
    z = sm3_digest((len(USER_ID) * 8).to_bytes(2, "big") + USER_ID + curve + public[1:])
    return sm3_digest(z + data)


@asn1.sequence
class _Signature:
    r: int
    s: int


@asn1.sequence
class _Ciphertext:
    x: int
    y: int
    c3: bytes
    c2: bytes


@asn1.sequence
class _Algorithm:
    algorithm: ObjectIdentifier
    curve: ObjectIdentifier


@asn1.sequence
class _PublicKey:
    algorithm: _Algorithm
    point: asn1.BitString


@asn1.sequence
class _EcPrivateKey:  # RFC 5915
    version: int
    scalar: bytes
    curve: Annotated[ObjectIdentifier | None, asn1.Explicit(0)]
    point: Annotated[asn1.BitString | None, asn1.Explicit(1)]


@asn1.sequence
class _PrivateKey:  # PKCS#8, RFC 5208
    version: int
    algorithm: _Algorithm
    key: bytes


def signature_to_der(raw: bytes) -> bytes | None:
    """``r ‖ s`` as DER; None unless both are 1 to n − 1."""
    r, s = (int.from_bytes(raw[at : at + SCALAR_BYTES], "big") for at in (0, SCALAR_BYTES))
    if len(raw) != SIGNATURE_BYTES or not (1 <= r < N and 1 <= s < N):
        return None
    return asn1.encode_der(_Signature(r=r, s=s))


def signature_from_der(der: bytes) -> bytes:
    signature = asn1.decode_der(_Signature, der)
    return signature.r.to_bytes(SCALAR_BYTES, "big") + signature.s.to_bytes(SCALAR_BYTES, "big")


def ciphertext_to_der(raw: bytes) -> bytes | None:
    """``C1 ‖ C3 ‖ C2`` as DER; None when it has no content or C1 is no point."""
    point, rest = raw[:POINT_BYTES], raw[POINT_BYTES:]
    if len(rest) <= _DIGEST_BYTES or not is_point(point):
        return None
    x, y = (int.from_bytes(point[at : at + SCALAR_BYTES], "big") for at in (1, 33))
    return asn1.encode_der(_Ciphertext(x=x, y=y, c3=rest[:_DIGEST_BYTES], c2=rest[_DIGEST_BYTES:]))


def ciphertext_from_der(der: bytes) -> bytes:
    sealed = asn1.decode_der(_Ciphertext, der)
    x, y = (number.to_bytes(SCALAR_BYTES, "big") for number in (sealed.x, sealed.y))
    return b"\x04" + x + y + sealed.c3 + sealed.c2


def public_to_der(public: bytes) -> bytes:
    """SubjectPublicKeyInfo (RFC 5480)."""
    return asn1.encode_der(_PublicKey(algorithm=_ALGORITHM, point=asn1.BitString(public, 0)))


def private_to_der(private: bytes, public: bytes) -> bytes:
    """PKCS#8 with the public key in it."""
    key = _EcPrivateKey(version=1, scalar=private, curve=None, point=asn1.BitString(public, 0))
    return asn1.encode_der(_PrivateKey(version=0, algorithm=_ALGORITHM, key=asn1.encode_der(key)))


def private_from_der(der: bytes) -> tuple[bytes, bytes]:
    """Private and public key out of PKCS#8; raises ``StandardsError KEY_UNREADABLE``. That they belong together is not
    known from this alone."""
    try:
        outer = asn1.decode_der(_PrivateKey, der)
    except ValueError:
        raise StandardsError("KEY_UNREADABLE", what="not an SM2 key, or a wrong passphrase") from None
    if outer.version != 0 or (outer.algorithm.algorithm, outer.algorithm.curve) != (_ID_EC_PUBLIC_KEY, _ID_SM2):
        raise StandardsError("KEY_UNREADABLE", what="not an SM2 key")
    return ec_private_from_der(outer.key)


def ec_private_from_der(der: bytes) -> tuple[bytes, bytes]:
    """Private and public key out of RFC 5915's ECPrivateKey; raises ``StandardsError KEY_UNREADABLE``."""
    try:
        key = asn1.decode_der(_EcPrivateKey, der)
    except ValueError:
        raise StandardsError("KEY_UNREADABLE", what="not an SM2 key") from None
    if key.version != 1 or key.point is None or key.curve not in (None, _ID_SM2):
        raise StandardsError("KEY_UNREADABLE", what="an SM2 key without its public key")
    return require_scalar(key.scalar), require_point(key.point.as_bytes())


_ALGORITHM = _Algorithm(algorithm=_ID_EC_PUBLIC_KEY, curve=_ID_SM2)
