"""Argon2id (RFC 9106), with the memory and passes that OWASP's cheat sheet gives as the lowest: 19 MiB, 2 passes.

More memory would let forty parallel attempts exhaust a small machine; attempts are limited by the lockout instead.
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 256


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("a password that no account has")


def hash_password(password: str) -> str:
    """The encoded hash, salt and parameters included."""
    return _hasher().hash(password)


def is_right(stored_hash: str | None, password: str) -> bool:
    """Whether the password fits. With no stored hash it takes as long and is wrong, so that names cannot be probed."""
    try:
        _hasher().verify(stored_hash or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored_hash is not None
