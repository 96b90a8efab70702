"""What somebody says when objecting, and with a step of it."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from directory.objections.states import Outcome, Topic

Words = Annotated[str, Field(max_length=2000)]


class NewObjection(BaseModel):
    """What is objected to and what is wanted.

    ``request`` is needed where it is about an authorisation or a use, and names the entry; else ``resource`` does.
    ``correction`` is one that was answered to be not wrong.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: Topic
    resource: Annotated[str, Field(max_length=100)] = ""
    request: UUID | None = None
    correction: UUID | None = None
    words: Annotated[str, Field(min_length=1, max_length=2000)]
    wish: Words = ""


class Said(BaseModel):
    """``outcome`` comes with an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    comment: Words = ""
    outcome: Outcome | None = None


NOTHING = Said()
