"""What a hostile relay may do to what passes: bytes, announcements, receipts, and HTTP itself."""

import base64
import json
from collections.abc import Callable
from typing import Any

from metadata.exchange import RECEIPT, Manifest, Receipt
from metadata.signed import Signed
from standards.crypto import SigningKey
from tests.sim.hostile import Answer, Ask, Call, Lie

Json = dict[str, Any]
Change = Callable[[bytes], bytes]


def about(kind: str, lie: Lie) -> Lie:
    """Lie about one kind of call, be honest about all others."""
    return lambda call, ask: lie(call, ask) if call.kind == kind else ask(call)


def bytes_of(kind: str, change: Change) -> Lie:
    """Change the bytes of a good answer of one kind; Content-Length tells the new length."""

    def lie(call: Call, ask: Ask) -> Answer:
        answer = ask(call)
        return answer.saying(change(answer.body)) if answer.status < 300 else answer

    return about(kind, lie)


def document(kind: str, change: Callable[[Json], Any]) -> Lie:
    """Change a JSON answer of one kind in place, or put what ``change`` returns in its stead."""

    def change_bytes(body: bytes) -> bytes:
        said = json.loads(body)
        instead = change(said)
        return json.dumps(said if instead is None else instead, ensure_ascii=False).encode()

    return bytes_of(kind, change_bytes)


def listed(change: Callable[[Json], Any]) -> Lie:
    """Change each announcement of the listing in place."""

    def each(said: Json) -> None:
        for item in said["batches"]:
            change(item)

    return document("listing", each)


def items(change: Callable[[list[Json]], list[Json]]) -> Lie:
    """Change the list of announcements."""
    return document("listing", lambda said: {"batches": change(said["batches"])} if said["batches"] else None)


def words(change: Callable[[list[Json]], list[Json]]) -> Lie:
    """Change the list of the consumer's receipts."""
    return document("receipts", lambda said: {"receipts": change(said["receipts"])})


def payload(change: Change) -> Callable[[Json], None]:
    """Change what is signed, the signature as it was."""

    def change_item(signed: Json) -> None:
        signed["payload"] = base64.b64encode(change(base64.b64decode(signed["payload"]))).decode()

    return change_item


def member(**values: Any) -> Callable[[Json], None]:
    """The same for single members of the payload."""

    def change(data: bytes) -> bytes:
        said = json.loads(data) | values
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    return payload(change)


def instead(kind: str, answer: Answer) -> Lie:
    """Ask nobody, say this."""
    return about(kind, lambda _call, _ask: answer)


def after(kind: str, answer: Answer) -> Lie:
    """Pass the call on, then say this."""

    def lie(call: Call, ask: Ask) -> Answer:
        ask(call)
        return answer

    return about(kind, lie)


def once(lie: Lie) -> Lie:
    """Lie the first time only, whatever it is about."""
    told: list[str] = []

    def first(call: Call, ask: Ask) -> Answer:
        honest = ask(call)
        said = lie(call, lambda _: honest)
        if said is honest or told:
            return honest
        told.append(call.kind)
        return said

    return first


def flipped(at: int) -> Change:
    def change(body: bytes) -> bytes:
        place = at if at >= 0 else len(body) + at
        return body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]

    return change


def cut_wire(kind: str, share: float) -> Lie:
    """The whole length is announced, part of it comes, then the line goes dead."""

    def lie(call: Call, ask: Ask) -> Answer:
        whole = ask(call)
        head = f"HTTP/1.1 {whole.status} X\r\nContent-Length: {len(whole.body)}\r\n\r\n".encode()
        return Answer(wire=head + whole.body[: int(len(whole.body) * share)])

    return about(kind, lie)


def chunked(kind: str) -> Lie:
    """Chunks that are not as long as they say."""

    def lie(call: Call, ask: Ask) -> Answer:
        honest = ask(call)
        head = f"HTTP/1.1 {honest.status} X\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n".encode()
        return Answer(wire=head + honest.body[: len(honest.body) // 2])

    return about(kind, lie)


def signed_anew(key: SigningKey, **values: Any) -> Callable[[Json], None]:
    """A manifest signed by another key, under that key's id."""

    def change(item: Json) -> None:
        said = Manifest.from_bytes(base64.b64decode(item["manifest"]["payload"])).model_copy(update=values)
        item["manifest"] = Signed.sign("manifest/1", said, key).model_dump(mode="json")

    return change


def receipt(key: SigningKey, like: Receipt) -> Json:
    return Signed.sign(RECEIPT, like, key).model_dump(mode="json")


HTML = Answer(200, b"<!doctype html><title>login</title><p>please sign in</p>", {"Content-Type": "text/html"})
REDIRECT = Answer(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"})
DEAD = Answer(wire=b"")
SILENT = Answer(is_silent=True)


def problem(status: int, code: str) -> Answer:
    return Answer(status, json.dumps({"code": code, "detail": "-"}).encode(), {"Hutong-Problem": code})
