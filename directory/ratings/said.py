"""What somebody says of a resource they used, and what is said of that."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictInt

Mark = Annotated[StrictInt, Field(ge=1, le=5)]
Words = Annotated[str, Field(max_length=1000)]


class NewRating(BaseModel):
    """1 (worst) to 5 for each of the three, and words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quality: Mark
    timeliness: Mark
    usefulness: Mark
    words: Words = ""
