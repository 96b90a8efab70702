"""SM2 in plain Python, with the random number given by the caller: the third implementation, and for tests only.

Written from GB/T 32918.1 to 32918.5; SM3 is GmSSL's. Not constant in time.
"""

import gmssl_pyx

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int] | None
K = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21  # the standard's examples' random number


def sm3(data: bytes) -> bytes:
    return bytes(gmssl_pyx.sm3_hash(data))


def bytes32(number: int) -> bytes:
    return number.to_bytes(32, "big")


def add(left: Point, right: Point) -> Point:
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P) if left == right else (y2 - y1) * pow(x2 - x1, -1, P)
    x = (slope * slope - x1 - x2) % P
    return x, (slope * (x1 - x) - y1) % P


def times(number: int, point: Point) -> tuple[int, int]:
    result: Point = None
    while number:
        if number & 1:
            result = add(result, point)
        point, number = add(point, point), number >> 1
    assert result is not None
    return result


def point_bytes(point: tuple[int, int]) -> bytes:
    return b"\x04" + bytes32(point[0]) + bytes32(point[1])


def public(private: bytes) -> bytes:
    return point_bytes(times(int.from_bytes(private, "big"), G))


def signed_digest(key: bytes, data: bytes, user_id: bytes = b"1234567812345678") -> bytes:
    z = sm3((len(user_id) * 8).to_bytes(2, "big") + user_id + b"".join(map(bytes32, (A, B, *G))) + key[1:])
    return sm3(z + data)


def sign(private: bytes, digest: bytes, k: int = K) -> bytes:
    """``r ‖ s`` of a digest from ``signed_digest``."""
    d = int.from_bytes(private, "big")
    r = (int.from_bytes(digest, "big") + times(k, G)[0]) % N
    s = pow(1 + d, -1, N) * (k - r * d) % N
    return bytes32(r) + bytes32(s)


def verify(key: bytes, digest: bytes, signature: bytes) -> bool:
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (1 <= r < N and 1 <= s < N) or (r + s) % N == 0:
        return False
    found = add(times(s, G), times((r + s) % N, _point(key)))
    return found is not None and (int.from_bytes(digest, "big") + found[0]) % N == r


def encrypt(key: bytes, plain: bytes, k: int = K) -> bytes:
    """``04 ‖ x ‖ y ‖ C3 ‖ C2``."""
    x, y = times(k, _point(key))
    return point_bytes(times(k, G)) + sm3(bytes32(x) + plain + bytes32(y)) + _mask(x, y, plain)


def decrypt(private: bytes, sealed: bytes) -> bytes:
    x, y = times(int.from_bytes(private, "big"), _point(sealed[:65]))
    plain = _mask(x, y, sealed[97:])
    assert sm3(bytes32(x) + plain + bytes32(y)) == sealed[65:97]
    return plain


def _point(data: bytes) -> tuple[int, int]:
    return int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:65], "big")


def _mask(x: int, y: int, data: bytes) -> bytes:
    stream = b"".join(
        sm3(bytes32(x) + bytes32(y) + number.to_bytes(4, "big")) for number in range(1, 2 + len(data) // 32)
    )
    return bytes(one ^ other for one, other in zip(data, stream, strict=False))
