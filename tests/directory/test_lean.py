"""What is given back before workers share the rest: nothing that is still needed."""

import gc
import weakref
from collections import UserList
from collections.abc import Sequence

from pydantic import BaseModel

from directory.lean import forget_checked_classes


class _Record(BaseModel):
    name: str


def test_abstract_classes_forget_what_is_not_theirs_and_find_it_again() -> None:
    assert not issubclass(_Record, Sequence)
    remembered = weakref.getweakrefcount(_Record)
    forget_checked_classes()
    gc.collect()
    assert weakref.getweakrefcount(_Record) < remembered
    assert not issubclass(_Record, Sequence)
    assert issubclass(UserList, Sequence)
    assert isinstance(_Record(name="a"), BaseModel)
