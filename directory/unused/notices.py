"""What a requester is told of a grant that is not put to use."""

from collections.abc import Mapping
from typing import Final

from directory.notices.kind import Kind

KINDS: Final[Mapping[str, Kind]] = {
    "unused:end_proposed": Kind(
        subject="request",
        link="/requests/{id}#decide",
        zh="{org}提议提前结束对“{title}”的使用，理由见留言：不再需要的，请负责人办“使用目的已实现”；还需要的，请回复",
        en="{org} proposes to end the use of {title} early; the reasons are among the comments on its page",
    ),
}
