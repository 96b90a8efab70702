"""What a node says to the relay and asks of it: objects, announcements, receipts (protocol: exchange/docs/relay.md)."""

from collections.abc import Callable, Iterator

from pydantic import Field

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.peers.outbound import Caller, Outbound
from metadata.record import Record
from metadata.signed import Signed


class Announced(Record):
    """One batch as the relay lists it: the place it stands in, the provider's signed manifest, the relay's receipt, and
    whether the consumer's last word on it is there.
    """

    seq: int = Field(ge=1, lt=2**63)
    manifest: Signed
    stored: Signed
    is_answered: bool = False


class Listing(Record):
    """The answer to ``GET batches``: at most ``LIMITS.listing_page`` of them."""

    batches: tuple[Announced, ...]


class Past(Record):
    """A batch that is over: how it was announced, and what its consumer signed last (``applied`` or ``refused``)."""

    manifest: Signed
    last_word: Signed


class History(Record):
    """What ``POST history`` brings back, in order."""

    batches: tuple[Past, ...] = Field(max_length=100)


class Receipts(Record):
    """The answer to ``GET receipts``."""

    receipts: tuple[Signed, ...] = Field(max_length=100)


class Carried(Record):
    """One message as the relay numbers it."""

    id: int = Field(ge=1, lt=2**63)
    message: Signed


class Messages(Record):
    """The answer to ``GET messages``: at most ``LIMITS.message_page`` of them."""

    messages: tuple[Carried, ...] = Field(max_length=100)


class RelayClient:
    """Signed calls to one relay."""

    def __init__(self, url: str, caller: Caller) -> None:
        self._http = Outbound("relay", url, caller)

    def close(self) -> None:
        self._http.close()

    def has_object(self, digest: str) -> bool:
        """Whether the relay keeps this object whole, so that it need not be sent again."""
        try:
            self._http.call("HEAD", f"/relay/v1/objects/{digest}")
        except ExchangeError as error:
            if error.code == "RELAY_REFUSED" and error.values["refusal"] == "OBJECT_UNKNOWN":
                return False
            raise
        return True

    def put_object(self, digest: str, content: Iterator[bytes], size_bytes: int) -> None:
        """Store one segment; the same again is a success."""
        self._http.upload(f"/relay/v1/objects/{digest}", content, size_bytes, bytes.fromhex(digest))

    def announce(self, route_id: str, manifest: Signed) -> Signed:
        """Announce the next batch; the relay's signed receipt ``stored``. The same again gives the same receipt."""
        answer = self._http.call("POST", f"/relay/v1/routes/{route_id}/batches", manifest.to_bytes())
        return self._http.parse(Signed, answer)

    def restore(self, route_id: str, history: History) -> None:
        """Bring back batches that are over to a relay that has forgotten them."""
        self._http.call("POST", f"/relay/v1/routes/{route_id}/history", history.to_bytes())

    def batches(self, route_id: str, after: int) -> tuple[Announced, ...]:
        """What is announced on a route after a sequence, in order, one page."""
        answer = self._http.call("GET", f"/relay/v1/routes/{route_id}/batches", query={"after": after})
        found = self._http.parse(Listing, answer).batches
        if len(found) > LIMITS.listing_page:
            raise ExchangeError("ANSWER_BAD", peer="relay", reason="too many batches on one page")
        return found

    def get_object(
        self, route_id: str, digest: str, offset: int, size_bytes: int, sink: Callable[[bytes], object]
    ) -> int:
        """The bytes of a segment from ``offset`` on; returns how many came."""
        return self._http.download(f"/relay/v1/routes/{route_id}/objects/{digest}", offset, size_bytes, sink)

    def put_receipt(self, route_id: str, receipt: Signed) -> None:
        """Deliver one of our receipts; the same again is a success."""
        self._http.call("PUT", f"/relay/v1/routes/{route_id}/receipts", receipt.to_bytes())

    def receipts(self, route_id: str, seq: int) -> tuple[Signed, ...]:
        """What the consumer has signed about one batch."""
        answer = self._http.call("GET", f"/relay/v1/routes/{route_id}/receipts", query={"seq": seq})
        return self._http.parse(Receipts, answer).receipts

    def post_message(self, route_id: str, message: Signed) -> None:
        """Leave a message for the route's other end; the same again is a success."""
        self._http.call("POST", f"/relay/v1/routes/{route_id}/messages", message.to_bytes())

    def messages(self, route_id: str, after: int) -> tuple[Carried, ...]:
        """What the other end has left after a number, in order, one page."""
        answer = self._http.call("GET", f"/relay/v1/routes/{route_id}/messages", query={"after": after})
        return self._http.parse(Messages, answer).messages
