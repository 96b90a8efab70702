"""Passwords that are hashed as everywhere and stretched as little as Argon2 can.

A hash takes twentieths of a second on purpose, and making somebody who acts takes two of them. What the application
itself asks for is held in tests/directory/accounts/test_sign_in.py, which does without this.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Final

import pytest
from argon2 import PasswordHasher

from directory.accounts import passwords

_QUICK: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@contextmanager
def unstretched() -> Iterator[None]:
    """Until the block is left; the hash of nobody's password is one of these too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", lambda: _QUICK)
        patch.setattr(passwords, "_nobodys_hash", cache(passwords._nobodys_hash.__wrapped__))
        yield
