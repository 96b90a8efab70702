"""What somebody says when complaining, and with a step of it."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from directory.complaints.states import Topic

Words = Annotated[str, Field(max_length=2000)]
Code = Annotated[str, Field(max_length=32)]


class NewComplaint(BaseModel):
    """What is complained of, and of which department, if that is known (its code)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: Topic
    about_org: Code = ""
    words: Annotated[str, Field(min_length=1, max_length=2000)]


class PaperComplaint(NewComplaint):
    """One that came on paper or over the counter: who sent it, if they said so, and the day it came."""

    name: Annotated[str, Field(max_length=100)] = ""
    contact: Annotated[str, Field(max_length=200)] = ""
    received_on: date


class Said(BaseModel):
    """``to_org`` comes with ``assigned``; its words are what the department is told, not the complaint's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    comment: Words = ""
    to_org: Code = ""


NOTHING = Said()
