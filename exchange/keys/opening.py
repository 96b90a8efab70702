"""What the directory signed, opened: the records in entries of its feed, and those that it gives to their ends alone.

Pure; for ``trust.py``. Every one must be signed by the directory's key and be as its notice in the feed says.
"""

from collections.abc import Mapping
from typing import TypeVar

from exchange.errors import ExchangeError
from exchange.keys.granted import GrantFacts
from metadata.access import Grant, GrantNotice
from metadata.errors import MetadataError
from metadata.feed import GRANT_NOTICE, ORDER_NOTICE, FeedEntry, address_of
from metadata.orders import OrderNotice, WorkOrder
from metadata.record import Record
from metadata.signed import Signed
from standards.crypto import VerifyingKey, digest_hex

R = TypeVar("R", bound=Record)


def open_signed(key: VerifyingKey, signed: Signed, kind: str, record_type: type[R]) -> R:
    """A record of this kind that the directory's ``key`` signed. Raises ``FEED_BAD``."""
    try:
        return signed.open(kind, record_type, {key.key_id: key}.get)
    except MetadataError as error:
        raise ExchangeError("FEED_BAD", reason=error.en) from None


def addressed_to(node_id: str, item: FeedEntry, given: Mapping[str, Signed]) -> Signed | None:
    """The record that an entry names, if it is for this party. Raises ``FEED_BAD``, also when it is not there."""
    try:
        address = address_of(item)
    except MetadataError as error:
        raise ExchangeError("FEED_BAD", reason=error.en) from None
    if address is None or node_id not in address.node_ids:
        return None
    if address.digest not in given:
        raise ExchangeError("FEED_BAD", reason=f"what entry {item.seq} names for this node was not given to it")
    return given[address.digest]


def open_grant(key: VerifyingKey, body: Signed, whole: Signed | None) -> GrantFacts:
    """A grant as an entry tells of it, and the grant itself for its ends. Raises ``FEED_BAD``."""
    if body.kind == "grant/1":  # from when the feed told everybody the whole of it
        grant = open_signed(key, body, "grant/1", Grant)
        return GrantFacts(GrantNotice.of(grant, digest_hex(body.payload_bytes())), grant)
    notice = open_signed(key, body, GRANT_NOTICE, GrantNotice)
    if whole is None:
        return GrantFacts(notice, None)
    grant = open_signed(key, whole, "grant/1", Grant)
    if GrantNotice.of(grant, digest_hex(whole.payload_bytes())) != notice:
        raise ExchangeError("FEED_BAD", reason=f"grant {notice.grant_id} is not as the feed says of it")
    return GrantFacts(notice, grant)


def open_order(key: VerifyingKey, body: Signed, whole: Signed | None) -> WorkOrder | None:
    """A work order; None to a party whose order it is not. Raises ``FEED_BAD``."""
    if body.kind == "work_order/1":  # from when the feed told everybody
        return open_signed(key, body, "work_order/1", WorkOrder)
    notice = open_signed(key, body, ORDER_NOTICE, OrderNotice)
    if whole is None:
        return None
    order = open_signed(key, whole, "work_order/1", WorkOrder)
    if order.node_id != notice.node_id:
        raise ExchangeError("FEED_BAD", reason=f"order {order.order_id} is not as the feed says of it")
    return order
