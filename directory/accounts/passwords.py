"""Argon2id (RFC 9106), with the first of the settings that OWASP's cheat sheet gives as the lowest: 46 MiB, one pass.

They are worth the same, but what is larger than 32 MiB glibc gives back to the system at once: with 19 MiB and two
passes a process that four people signed in to at once kept 76 MiB. Two at a time, or forty parallel attempts would
exhaust a small machine.
"""

from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_PASSWORD_LENGTH = 12
MAX_PASSWORD_LENGTH = 256
_AT_ONCE = BoundedSemaphore(2)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("a password that no account has")


def hash_password(password: str) -> str:
    """The encoded hash, salt and parameters included."""
    with _AT_ONCE:
        return _hasher().hash(password)


def is_right(stored_hash: str | None, password: str) -> bool:
    """Whether the password fits. With no stored hash it takes as long and is wrong, so that names cannot be probed."""
    known = stored_hash or _nobodys_hash()
    try:
        with _AT_ONCE:
            _hasher().verify(known, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored_hash is not None
