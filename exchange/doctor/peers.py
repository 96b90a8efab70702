"""Directory and relay: reachable, how fast, whose clock is right, how long their certificate lasts."""

import ssl
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from socket import create_connection
from urllib.parse import urlsplit

import httpx

from exchange.doctor.line import Light, Line, Lines, graded
from exchange.limits import LIMITS
from exchange.node import Node
from exchange.peers import tls
from standards.reasons import network_words

_NOTE_SKEW_SECONDS = 30.0
_NOTE_DAYS, _BAD_DAYS = 30, 7
_SLOW_SECONDS = 2.0


def peers(node: Node) -> Lines:
    yield from _peer(node, "目录", node.settings.directory_url)
    yield from _peer(node, "中继", node.settings.relay_url)


def _peer(node: Node, name: str, url: str) -> Lines:
    begun, before = time.monotonic(), node.now()
    try:
        answer = httpx.get(
            f"{url.rstrip('/')}/healthz", timeout=LIMITS.connect_seconds, trust_env=False, verify=tls.context()
        )
    except (httpx.HTTPError, OSError, ssl.SSLError) as error:
        reason = network_words(error, quotes=False)["reason"]
        yield Line(name, "bad", f"连不上（{reason}）", f"核对 node.toml 里{name}的地址、网络、防火墙和证书。")
        return
    took = time.monotonic() - begun
    if answer.is_success:
        zh = f"可达，{took:.2f} 秒"
        yield graded(name, took, _SLOW_SECONDS, LIMITS.answer_seconds, zh, "网络或对方负载偏高，批次会变慢。")
    else:
        yield Line(name, "bad", f"应答 HTTP {answer.status_code}", f"请{name}的管理员查看其日志和数据库。")
    if "date" in answer.headers:
        yield clock(name, answer.headers["date"], before, node.now())
    if urlsplit(url).scheme == "https":
        yield _certificate(node, name, url)


def clock(name: str, said: str, before: datetime, after: datetime) -> Line:
    """Our clock against the ``Date`` of an answer that came between two looks at ours; it counts whole seconds."""
    try:
        theirs = parsedate_to_datetime(said)
    except ValueError:
        return Line(f"{name}时钟", "note", "对方没有给出可读的时间", f"请{name}的管理员核对。")
    ahead = max((before - theirs).total_seconds() - 1, (theirs - after).total_seconds(), 0.0)
    zh = f"与{name}相差不到 {max(1, round(ahead + 0.5))} 秒"
    step = f"用 NTP 校准本机（timedatectl）；超过 {LIMITS.clock_skew_seconds:.0f} 秒时请求会被拒绝。"
    return graded(f"{name}时钟", ahead, _NOTE_SKEW_SECONDS, LIMITS.clock_skew_seconds, zh, step)


def _certificate(node: Node, name: str, url: str) -> Line:
    parts = urlsplit(url)
    place = (parts.hostname or "", parts.port or 443)
    with (
        create_connection(place, LIMITS.connect_seconds) as plain,
        tls.context().wrap_socket(plain, server_hostname=parts.hostname) as secured,
    ):
        until = str((secured.getpeercert() or {}).get("notAfter", ""))
    return days_left(name, until, node.now())


def days_left(name: str, until: str, now: datetime) -> Line:
    """How long a certificate lasts, from its ``notAfter`` (``Jun  1 12:00:00 2027 GMT``)."""
    days = (datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC) - now).days
    light: Light = "bad" if days < _BAD_DAYS else "note" if days < _NOTE_DAYS else "ok"
    step = "" if light == "ok" else f"请{name}的管理员更换证书；过期后本节点连不上。"
    return Line(f"{name}证书", light, f"还有 {days} 天到期", step)
