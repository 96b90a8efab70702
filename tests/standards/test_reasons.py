"""Why a database or a server could not be reached: in Chinese, with what they say themselves in the English."""

import socket
import ssl
from pathlib import Path

import httpx
import psycopg2
import pytest

from standards.reasons import network_words, system_words

AT_DB = 'connection to server at "db", port 1 failed: '


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        (
            'connection to server at "10.0.0.5", port 5432 failed: Connection refused\n\tIs the server running on it?',
            "10.0.0.5:5432 连接被拒绝：那里没有服务在运行，或被防火墙拦下",
        ),
        (
            'connection to server at "db" (10.0.0.5), port 5432 failed: FATAL:  password authentication failed for user'
            ' "u"',
            "db:5432 用户名或密码不对",
        ),
        (AT_DB + "fe_sendauth: no password supplied", "db:1 没有给出密码"),
        (AT_DB + 'FATAL:  database "d" does not exist', "db:1 没有这个数据库"),
        (AT_DB + 'FATAL:  role "r" does not exist', "db:1 没有这个数据库用户"),
        (AT_DB + "timeout expired", "db:1 连接超时"),
        (AT_DB + "Connection timed out", "db:1 连接超时"),
        (AT_DB + "No route to host", "db:1 网络不通"),
        (AT_DB + "server does not support SSL, but SSL was required", "db:1 对方不支持 TLS 加密"),
        (AT_DB + "SSL error: certificate verify failed", "db:1 对方的证书验证不过：本机不信任它的签发者"),
        (AT_DB + "FATAL:  sorry, too many clients already", "db:1 数据库的连接数已满"),
        ('could not translate host name "no" to address: Name or service not known', "no 主机名解析不出地址"),
        (
            'connection to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory',
            "/run/.s.PGSQL.5432 那里没有数据库在运行",
        ),
        ("FATAL:  the database system is starting up", "数据库正在启动或恢复"),
        ("server closed the connection unexpectedly\n\tThis probably means …", "对方中途断开"),
        ("SSL connection has been closed unexpectedly", "对方中途断开"),
        ("terminating connection due to administrator command", "对方中途断开"),
        ("SSL SYSCALL error: Connection reset by peer", "连接被对方断开"),
        ('could not extend file "base/1/2": No space left on device\nHINT:  Check free disk space.', "磁盘已满"),
        ('relation "request_clock" does not exist\nLINE 1: …', '没有表 "request_clock"'),
        ("column resource.title does not exist", "没有列 resource.title"),
    ],
)
def test_what_postgresql_says(text: str, zh: str) -> None:
    words = network_words(psycopg2.OperationalError(text))
    assert words == {"reason": zh, "reason_en": text.splitlines()[0]}


@pytest.mark.parametrize(
    ("error", "zh"),
    [
        (httpx.ConnectTimeout("timed out"), "连接超时"),
        (httpx.ReadTimeout("timed out"), "等待应答超时"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "主机名解析不出地址"),
        (httpx.RemoteProtocolError("Server disconnected without sending a response."), "对方中途断开"),
        (httpx.RemoteProtocolError("illegal status line"), "对方的应答不是 HTTP"),
        (httpx.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1)"), "对方不是 TLS"),
        (
            httpx.ConnectError("certificate verify failed: Hostname mismatch, certificate is not valid for 'x'."),
            "对方的证书不是这个地址的",
        ),
        (httpx.ConnectError("certificate verify failed: self-signed certificate"), "对方的证书是自签的"),
        (httpx.ConnectError("[SSL: TLSV1_ALERT_INTERNAL_ERROR] internal error"), "TLS 握手失败"),
        (httpx.UnsupportedProtocol("Request URL is missing an 'http://' protocol."), "地址须以 http:// 或"),
        (PermissionError(13, "Permission denied"), "没有权限"),
    ],
)
def test_what_http_and_tls_say(error: Exception, zh: str) -> None:
    words = network_words(error)
    assert words["reason"].startswith(zh)
    assert words["reason_en"] == str(error)
    assert network_words(error, quotes=False) == {"reason": words["reason"], "reason_en": type(error).__name__}


def test_what_they_really_say(tmp_path: Path) -> None:
    """Not from memory: the driver, the client and the machine as they are here."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]  # bound and not listening: whoever comes is refused
        with pytest.raises(psycopg2.OperationalError) as refused:
            psycopg2.connect(host="127.0.0.1", port=port, connect_timeout=5)
        assert network_words(refused.value)["reason"].startswith(f"127.0.0.1:{port} 连接被拒绝")
        with pytest.raises(httpx.ConnectError) as none_there:
            httpx.get(f"http://127.0.0.1:{port}", trust_env=False)
        assert network_words(none_there.value)["reason"].startswith("连接被拒绝")
        taken.listen()
        with pytest.raises(httpx.TimeoutException) as silent:
            httpx.get(f"http://127.0.0.1:{port}", trust_env=False, timeout=0.2)
        assert network_words(silent.value)["reason"] == "等待应答超时"
    with pytest.raises(psycopg2.OperationalError) as nothing:
        psycopg2.connect(host=str(tmp_path), dbname="d")
    assert network_words(nothing.value)["reason"].endswith(" 那里没有数据库在运行")
    with pytest.raises(ssl.SSLError) as no_roots:
        ssl.create_default_context(cadata="no certificate")
    assert network_words(no_roots.value)["reason"] == "TLS 握手失败"


def test_what_has_no_words_here_is_told_in_its_own_or_by_its_kind() -> None:
    odd = RuntimeError("something at 10.0.0.5\nand more")
    assert network_words(odd) == {"reason": "something at 10.0.0.5", "reason_en": "something at 10.0.0.5"}
    assert network_words(odd, quotes=False) == {"reason": "RuntimeError", "reason_en": "RuntimeError"}
    quoting = psycopg2.ProgrammingError('relation "secret" does not exist')
    assert "secret" not in str(network_words(quoting, quotes=False))
    assert system_words(OSError(9999, "Strange")) == {"reason": "Strange", "reason_en": "Strange"}
