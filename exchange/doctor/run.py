"""All checks, each on its own: what fails in one says so there and keeps no other back."""

from collections.abc import Callable

import httpx
import psycopg2
from sqlalchemy.exc import SQLAlchemyError

from exchange.doctor import databases, machine, peers, rights, text, work
from exchange.doctor.line import Line, Lines
from exchange.node import Node
from standards.errors import ExplainedError
from standards.reasons import network_words

_LEDGER = "台账库"
_CHECKS: tuple[tuple[str, Callable[[Node], Lines], bool], ...] = (
    ("本机磁盘", machine.disk, False),
    ("密钥", machine.keys, False),
    ("目录与中继", peers.peers, False),
    (_LEDGER, databases.ledger, False),
    ("部门库", databases.department, False),
    ("目录登记", rights.trust, True),
    ("权限", rights.rights, True),
    ("批次", work.batches, True),
    ("审计", work.backlog, True),
    ("文字", text.text, True),
)
"""Name, check, and whether it needs the ledger's database."""


def examine(node: Node) -> Lines:
    """Every line, in a fixed order; bounded in time by the timeouts of each look. Raises nothing of these."""
    has_ledger = True
    for name, check, needs_ledger in _CHECKS:
        if needs_ledger and not has_ledger:
            yield Line(name, "bad", "台账库连不上，没有检查", "先恢复台账库，再运行一次。")
            continue
        try:
            yield from check(node)
        except ExplainedError as error:
            yield Line(name, "bad", error.zh, error.next_step)
        except (psycopg2.Error, SQLAlchemyError) as error:
            has_ledger = has_ledger and name != _LEDGER
            yield Line(name, "bad", _database(error), "核对数据库是否在运行、地址与账号；详情见数据库日志。")
        except (httpx.HTTPError, OSError, ValueError) as error:  # the kind only: a text may quote an address or a value
            reason = network_words(error, quotes=False)["reason"]
            yield Line(name, "bad", f"没有查成（{reason}）", "核对 node.toml 与该项的服务后再运行一次。")


def _database(error: psycopg2.Error | SQLAlchemyError) -> str:
    cause = getattr(error, "orig", error)
    code = getattr(cause, "pgcode", None)
    return f"数据库应答 SQLSTATE {code}" if code else f"数据库连不上（{network_words(cause, quotes=False)['reason']}）"
