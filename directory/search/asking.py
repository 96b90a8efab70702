"""What can be asked of a search: words, every filter of the registry, an order, a page."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, create_model

from directory.limits import LIMITS
from directory.search.filters import FILTERS

Sort = Literal["relevance", "updated", "popularity"]


class SearchWords(BaseModel):
    """Words between spaces, all of which have to be found. ``after`` is a page's ``next`` or ``previous``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: Annotated[str, Field(max_length=200, description="检索词，空格隔开的都须命中")] = ""
    sort: Annotated[Sort, Field(description="没有检索词时按更新日期")] = "relevance"
    size: Annotated[int, Field(ge=1, le=LIMITS.page_count)] = 20
    after: Annotated[str, Field(max_length=300, description="上一次结果的 next 或 previous")] = ""

    def chosen(self) -> Mapping[str, Any]:
        """What is narrowed by, by filter."""
        return {each.name: value for each in FILTERS if (value := getattr(self, each.name)) != each.default}

    def is_same_search(self) -> bytes:
        """Names the search whatever the page: words, filters and order."""
        asked = {"q": self.q, "sort": self.sort, **self.chosen()}
        return orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)


if TYPE_CHECKING:
    SearchQuery = SearchWords
else:
    SearchQuery = create_model(
        "SearchQuery",
        __base__=SearchWords,
        __module__=__name__,
        **{each.name: (Annotated[each.annotation, Field(description=each.says)], each.default) for each in FILTERS},
    )
