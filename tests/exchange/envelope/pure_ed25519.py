"""Just enough of Ed25519 (RFC 8032 §5.1) to make signatures that only some verifiers take."""

import hashlib
from functools import reduce

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
BASE = (15112221349535400772501151409588531511454012693041857206046113283949847762202, 4 * pow(5, -1, P) % P)
EIGHTH = (  # a point of order 8, which the cofactor makes nothing of
    14399317868200118260347934320527232580618823971194345261214217575416788799818,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
)
Point = tuple[int, int]


def add(left: Point, right: Point) -> Point:
    (x1, y1), (x2, y2) = left, right
    product = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P,
    )


def times(factor: int, point: Point) -> Point:
    def step(total: Point, bit: str) -> Point:
        double = add(total, total)
        return add(double, point) if bit == "1" else double

    return reduce(step, bin(factor)[2:], (0, 1))


def encode(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def sign(seed: bytes, message: bytes, beside: Point = (0, 1), more: int = 0) -> bytes:
    """A signature whose R has ``beside`` added and whose S is ``more`` orders too large; right with neither."""
    head = hashlib.sha512(seed).digest()
    secret = int.from_bytes(head[:32], "little") & (1 << 254) - 8 | 1 << 254
    nonce = int.from_bytes(hashlib.sha512(head[32:] + message).digest(), "little") % L
    r = encode(add(times(nonce, BASE), beside))
    public = encode(times(secret, BASE))
    k = int.from_bytes(hashlib.sha512(r + public + message).digest(), "little") % L
    return r + ((nonce + k * secret) % L + more * L).to_bytes(32, "little")
