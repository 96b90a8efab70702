"""Memory that only making the application needed, given back before the workers are forked and share the rest."""

import abc
import ctypes
from typing import Any


def forget_checked_classes() -> None:
    """Empty the caches in which abstract classes remember which classes are not below them.

    Making the routes asks of every model whether it is a sequence, and each of 1,500 classes below ``Sequence`` and
    its like then remembers each of 250 models: 65,000 weak references, 12 MiB. What is needed again is found again.
    """
    left, seen = list[Any]([object]), set[int]()
    while left:
        each = left.pop()
        if id(each) not in seen:
            seen.add(id(each))
            left += type.__subclasses__(each)
            if isinstance(each, abc.ABCMeta):
                each._abc_caches_clear()  # type: ignore[attr-defined]  # CPython's, said to be for tests


def give_back_free_pages() -> None:
    """Hand what the allocator keeps free between blocks in use back to the system: 6 MiB of a service just made.

    Where the C library cannot (it is glibc's own), nothing happens.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
