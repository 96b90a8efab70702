"""How the directory tells nodes what its audit log has become, so that each can hold it to what it has seen before."""

from typing import Annotated, Final

from pydantic import Field

from metadata.record import Record

LOG_GROWTH: Final = "log_growth/1"

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class LogGrowth(Record):
    """What the directory signs as ``log_growth/1``. ``public``: the log's key (hex); ``note``: a checkpoint under it,
    empty before the first.

    ``hashes``: with ``after`` those of the entries from that place on, up to the checkpoint; without, the frontier at
    the checkpoint (``transparency.Frontier``), for who has seen nothing yet.
    """

    public: Hash
    note: str
    after: int | None = Field(default=None, ge=0)
    hashes: tuple[Hash, ...] = ()
