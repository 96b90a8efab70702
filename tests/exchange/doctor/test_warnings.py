"""What the doctor says while something real is wrong: a certificate near its end, a transaction that stays open, a
replication slot that nobody reads. It has patience for hours and gibibytes; here it has little.
"""

import contextlib
import datetime
import http.server
import ipaddress
import secrets
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy.engine import URL

from exchange.department import libpq_url
from exchange.doctor import databases
from exchange.doctor.database import looked_into
from exchange.doctor.peers import peers
from exchange.errors import ExchangeError
from exchange.peers import tls
from tests.exchange.doctor.test_run import changed, looked, told
from tests.sim.town import Town


def certificate(folder: Path, days: int) -> Path:
    """Certificate and key of 127.0.0.1, signed by itself, with so many days left."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "中继")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days, minutes=5))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{days}.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return file


class _Well(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def secured(file: Path) -> Iterator[str]:
    """A peer over TLS; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Well) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(("days", "light"), [(90, "ok"), (20, "note"), (3, "bad")])
def test_a_peers_certificate_near_its_end(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, light: str
) -> None:
    """Of the city's own authority, which HUTONG_CA_FILE names."""
    file = certificate(tmp_path, days)
    monkeypatch.setenv("HUTONG_CA_FILE", str(file))
    with secured(file) as url, changed(town, relay_url=url), town.node("gongan") as node:
        lines = list(peers(node))
    assert told(lines, "中继").light == "ok"
    line = told(lines, "中继证书")
    assert (line.light, line.zh) == (light, f"还有 {days} 天到期")
    assert bool(line.next_step) == (light != "ok")


def test_a_peer_whose_authority_is_not_known_or_whose_certificate_is_over(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days, is_named in ((90, False), (-1, True)):
        file = certificate(tmp_path, days)
        monkeypatch.setenv("HUTONG_CA_FILE", str(file) if is_named else "")
        with secured(file) as url, changed(town, relay_url=url), town.node("gongan") as node:
            line = told(list(peers(node)), "中继")
        assert (line.light, "证书" in line.next_step) == ("bad", True)


def test_an_authority_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty.pem").write_text("")
    for file in (tmp_path / "none.pem", tmp_path / "empty.pem"):
        monkeypatch.setenv("HUTONG_CA_FILE", str(file))
        with pytest.raises(ExchangeError) as raised:
            tls.context()
        assert raised.value.code == "SETTINGS_BAD"


def test_a_transaction_that_stays_open(town: Town) -> None:
    connection = psycopg2.connect(libpq_url(town.departments["gongan"]))
    with contextlib.closing(connection), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_backend_pid()")
        ((pid,),) = cursor.fetchall()
        with looked_into(town.departments["gongan"]) as doctor:
            (line,) = databases.activity(doctor, 1e-6)
            (patient,) = databases.activity(doctor, 3600.0)
    assert line.light == "bad"
    assert f"进程 {pid}" in line.zh
    assert "能停则停" in line.next_step
    assert (patient.light, patient.next_step) == ("ok", "")
    assert told(looked(town, "gongan"), "部门库长事务").light == "ok"


def test_a_replication_slot_that_nobody_reads(town: Town, cluster_url: URL) -> None:
    name = f"doctor_{secrets.token_hex(4)}"
    with as_superuser(cluster_url) as cursor:
        cursor.execute("SELECT pg_create_physical_replication_slot(%s, true)", (name,))
        try:
            town.run("gongan", "CREATE TABLE written AS SELECT repeat('x', 100) FROM generate_series(1, 1000)")
            town.run("gongan", "DROP TABLE written")
            with looked_into(town.departments["gongan"]) as doctor:
                (line,) = databases.slots(doctor, 100)
            assert told(looked(town, "gongan"), "部门库复制槽").light == "ok"  # it keeps little yet
        finally:
            cursor.execute("SELECT pg_drop_replication_slot(%s)", (name,))
    assert line.light == "bad"
    assert "闲置" in line.zh
    assert "删除" in line.next_step


@contextlib.contextmanager
def as_superuser(cluster_url: URL) -> Iterator[Any]:
    address = cluster_url.set(drivername="postgresql").render_as_string(hide_password=False)
    with contextlib.closing(psycopg2.connect(address)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
