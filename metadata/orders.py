"""Work orders: what the office asks of a node, and what came of it.

An order names one of the node's own procedures and its arguments, nothing else: it carries no query, no code and no
address, and whatever it sets going is still decided by countersigned grants. The node reads it in the directory's feed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from pydantic import Field, StrictBool, StrictInt

from metadata.record import Record

Argument = str | StrictInt | StrictBool
Outcome = Literal["done", "refused", "failed", "interrupted"]


@dataclass(frozen=True)
class Procedure:
    """A procedure as people call it, the arguments it must have, and those it may have."""

    zh: str
    required: Mapping[str, type[Argument]]
    optional: Mapping[str, type[Argument]]


PROCEDURES: Final[Mapping[str, Procedure]] = {
    "doctor": Procedure("体检", {}, {}),
    "fsck": Procedure("核查不变量", {}, {}),
    "probe": Procedure("探测挂接", {}, {}),
    "reconcile": Procedure("对账", {"route_id": str}, {}),
    "redrive": Procedure("重投批次", {"route_id": str, "seq": int}, {}),
    "rotate": Procedure("换用密钥", {"purpose": str}, {"suite": int}),
    "run": Procedure("立即执行一轮", {}, {"force": bool}),
}


ARGUMENTS: Final[Mapping[str, str]] = {
    "route_id": "路由",
    "seq": "批次序号",
    "force": "不论是否到期",
    "purpose": "密钥用途",
    "suite": "套件",
}
"""What the arguments are called to a person."""


class WorkOrder(Record):
    """One order to one node, signed by the directory as ``work_order/1``; carried out at most once.

    ``action`` is any word, so that a node older than the directory refuses what it does not know and reads on.
    """

    order_id: str = Field(pattern=r"^o-[0-9a-f]{32}$")
    node_id: str = Field(max_length=100)
    action: str = Field(pattern=r"^[a-z_]{1,40}$")
    arguments: dict[str, Argument] = Field(default_factory=dict, max_length=20)
    issued_by: str = Field(max_length=200)
    issued_at: datetime
    expires_at: datetime


class OrderNotice(Record):
    """What everybody is told of an order: whose it is, and the digest of its exact bytes, which only that node gets.

    Nobody tries orders against the digest: ``order_id`` is random.
    """

    node_id: str = Field(max_length=100)
    order_digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class OrderResult(Record):
    """What came of an order, signed by its node as ``order_result/1``. ``facts`` are counts; ``code`` says why not."""

    order_id: str
    node_id: str
    outcome: Outcome
    code: str = Field(default="", max_length=60)
    explanation_zh: str = Field(default="", max_length=500)
    facts: dict[str, int] = Field(default_factory=dict, max_length=20)
    at: datetime


def misfit(action: str, arguments: Mapping[str, Argument]) -> str:
    """The name of the first argument that is missing, of another type or not the procedure's; empty when all fit."""
    procedure = PROCEDURES[action]
    known = {**procedure.required, **procedure.optional}
    for name in sorted(known.keys() | arguments.keys()):
        if name not in arguments:
            if name in procedure.required:
                return name
        elif name not in known or type(arguments[name]) is not known[name]:
            return name
    return ""
