"""A migrated directory database with an application role of its own, the application over it, and people to act."""

import itertools
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from playwright.sync_api import Browser
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from directory.accounts.queries import actor_named
from directory.accounts.register import add_account
from directory.actors import Actor
from directory.app import create_app
from directory.db import make_engine
from directory.organisations.register import add_organisation
from directory.roles import Role
from directory.settings import DirectorySettings
from hutong.cli import main
from metadata.enrolment import Enrolment
from metadata.record import canonical_bytes
from metadata.signed import Signed
from standards.check_digits import org_check_character, uscc_check_character
from standards.crypto import DecryptionKey, SigningKey, digest, digest_hex
from standards.http_signature import sign_request
from standards.sm2 import Sm2DecryptionKey, Sm2SigningKey
from tests.sim.chromium import launched
from tests.sim.passwords import unstretched

with warnings.catch_warnings():  # Starlette would rather have httpx2, which Airflow's cap keeps away
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PASSWORD = "正确的密码-2026-correct"
_numbers = itertools.count(1)
Command = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session", autouse=True)
def _quiet_logs() -> None:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory(), processors=[lambda *event: str(event[2])])


@pytest.fixture(scope="module", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """What people's passwords cost is no part of these tests; the one that it is a part of overrides this."""
    with unstretched():
        yield


@pytest.fixture
def engine(directory_settings: DirectorySettings) -> Iterator[Engine]:
    """An engine of the test's own, whose connections nobody has used."""
    made = make_engine(directory_settings.database_url)
    yield made
    made.dispose()


@pytest.fixture
def command(
    directory_settings: DirectorySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Command]:
    """A command as this user: ``command("zhang", "request", "list")``; its status, what came on stdout and stderr."""
    (secret := tmp_path / "password").write_text(PASSWORD, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUTONG_HOME", str(directory_settings.home))
        patch.setenv("HUTONG_DATABASE_URL", directory_settings.database_url)
        patch.setenv("HUTONG_PASSWORD_FILE", str(secret))

        def call(username: str, *arguments: object) -> tuple[int, str, str]:
            patch.setenv("HUTONG_AS", username)
            with pytest.raises(SystemExit) as ended:
                main([str(each) for each in arguments])
            out, err = capsys.readouterr()
            return int(ended.value.code or 0), out, err

        yield call


@pytest.fixture(scope="session")
def one_event_loop() -> Iterator[BlockingPortal]:
    """One thread with an event loop for all requests, as a server has; else each would start and end its own."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    with launched() as opened:
        yield opened


@pytest.fixture(scope="module")
def directory_settings(
    new_directory_database: Callable[[], tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> DirectorySettings:
    """A database as the migrations make it; the owner's role and the application's differ, as in production."""
    app_url, owner_url = new_directory_database()
    return DirectorySettings(
        home=tmp_path_factory.mktemp("home"),
        database_url=app_url,
        migration_url=owner_url,
        public_url="http://testserver",
    )


@pytest.fixture(scope="module")
def directory_app(directory_settings: DirectorySettings) -> Iterator[FastAPI]:
    """The application; its sequencer runs only inside ``with TestClient(app)``."""
    app = create_app(directory_settings)
    yield app
    app.state.engine.dispose()


@pytest.fixture
def session(directory_app: FastAPI) -> Iterator[Session]:
    """A transaction of the application's role; what it wrote is committed at the end of the test."""
    with directory_app.state.sessions.begin() as session:
        yield session


@dataclass(frozen=True)
class Person:
    """An account that exists, as actor, and a client that sends its token."""

    actor: Actor
    client: TestClient


@dataclass(frozen=True)
class Browser:
    """A person signed in by the form: keeps the session's cookie, follows nothing, sends the forms it was given."""

    client: TestClient

    def get(self, address: str) -> Any:
        return self.client.get(address, headers={"accept": "text/html"})

    def send(self, form_at: str, address: str, **fields: Any) -> Any:
        """Post a form found on a page, with the token that page gave out."""
        form = {"csrf_token": _token(self.get(form_at).text)} | fields
        return self.client.post(address, data=form, headers={"accept": "text/html"})


def _token(text: str) -> str:
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', text)
    assert found, "no form with a token on this page"
    return found[1]


@dataclass(frozen=True)
class City:
    """Makes departments and people in the application's database; every name is new.

    Their requests share the ``portal``'s event loop where one is given.
    """

    app: FastAPI
    portal: BlockingPortal | None = None

    def organisation(self, name: str = "", *, is_office: bool = False, has_prefix: bool = True) -> str:
        """A confirmed department; returns its code."""
        number = next(_numbers)
        inner = f"MB{number:06d}"
        body = "11330100" + inner + org_check_character(inner)
        code = body + uscc_check_character(body)
        with self.app.state.sessions.begin() as session:
            add_organisation(
                session,
                code=code,
                name=name or f"示例市第{number}局",
                prefix=f"{33000 + number:05d}" if has_prefix else None,
                is_office=is_office,
            )
        return code

    def person(self, org_code: str, *roles: Role, username: str = "") -> Person:
        """An account with these roles, signed in for the API."""
        username = username or f"user{next(_numbers)}"
        with self.app.state.sessions.begin() as session:
            add_account(
                session,
                username=username,
                display_name=f"张三{username[4:]}",
                org_code=org_code,
                password=PASSWORD,
                roles=roles,
            )
        client = self.client()
        token = client.post("/api/v1/session", json={"username": username, "password": PASSWORD}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        with self.app.state.sessions() as session:
            actor = actor_named(session, username)
        assert actor is not None
        return Person(actor, client)

    def browser(self, username: str) -> Browser:
        """A browser in which this account is signed in."""
        client = self.client()
        form = {"csrf_token": _token(client.get("/login").text), "username": username, "password": PASSWORD}
        answer = client.post("/login", data=form, headers={"accept": "text/html"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
        return Browser(client)

    def client(self) -> TestClient:
        """A client without any sign-in; its own cookies; redirects are answers."""
        client = TestClient(self.app, follow_redirects=False)
        client.portal = self.portal
        return client


@pytest.fixture(scope="module")
def city(directory_app: FastAPI, one_event_loop: BlockingPortal) -> City:
    return City(directory_app, one_event_loop)


@pytest.fixture(scope="module")
def home(directory_settings: DirectorySettings) -> Path:
    return directory_settings.home


@dataclass
class NodeSimulator:
    """A node as the directory sees one: its keys, its enrolment, calls signed as RFC 9421 asks."""

    name: str
    org_code: str
    client: TestClient
    kind: str = "node"
    identity: SigningKey = field(default_factory=SigningKey.generate)
    decryption: DecryptionKey = field(default_factory=DecryptionKey.generate)
    sm2_identity: Sm2SigningKey = field(default_factory=Sm2SigningKey.generate)
    sm2_decryption: Sm2DecryptionKey = field(default_factory=Sm2DecryptionKey.generate)

    def statement(self, token: str, **changes: Any) -> Signed:
        values = {
            "name": self.name,
            "kind": self.kind,
            "identity_public": self.identity.verifying.public.hex(),
            "decryption_public": self.decryption.wrapping.public.hex() if self.kind == "node" else "",
            "sm2_identity_public": self.sm2_identity.public.hex() if self.kind == "node" else "",
            "sm2_decryption_public": self.sm2_decryption.public.hex() if self.kind == "node" else "",
            "token_digest": digest_hex(token.encode()),
        }
        return Signed.sign("enrolment/1", Enrolment.model_validate(values | changes), self.identity)

    def enrol(self, token: str, **changes: Any) -> Any:
        body = {"token": token, "node": self.statement(token, **changes).model_dump(mode="json")}
        return self.client.post("/api/v1/nodes", json=body)

    def call(self, method: str, path: str, body: Any = None, *, key: SigningKey | None = None, as_: str = "") -> Any:
        content = b"" if body is None else body if isinstance(body, bytes) else canonical_bytes(body)
        body_digest = digest(content) if content else None
        signer, now = key or self.identity, datetime.now(UTC)
        headers = sign_request(signer, as_ or self.name, method, path, body_digest, now)
        headers["Content-Type"] = "application/json"
        return self.client.request(method, path, content=content, headers=headers)


@pytest.fixture(scope="module")
def administrator(city: City) -> Person:
    """The person who lets nodes in."""
    return city.person(city.organisation("示例市数据管理局", is_office=True), Role.SYSTEM_ADMIN)


@pytest.fixture(scope="module")
def stranger(city: City) -> Callable[..., NodeSimulator]:
    """A node with keys of its own that nobody has let in."""

    def make(name: str, kind: str = "node") -> NodeSimulator:
        return NodeSimulator(name, city.organisation(), city.client(), kind)

    return make


@pytest.fixture(scope="module")
def new_node(city: City, administrator: Person) -> Callable[..., NodeSimulator]:
    """Enrol a node (or the relay) of a department, by the API, its fingerprint compared."""

    def make(name: str, org_code: str = "", kind: str = "node", *, is_confirmed: bool = True) -> NodeSimulator:
        node = NodeSimulator(name, org_code or city.organisation(), city.client(), kind)
        permission = {"org_code": node.org_code, "name": name, "kind": kind}
        token = administrator.client.post("/api/v1/enrolments", json=permission).json()["token"]
        answer = node.enrol(token)
        assert answer.status_code == 201, answer.text
        if is_confirmed:
            heard = {"fingerprint": node.identity.key_id}
            answer = administrator.client.post(f"/api/v1/nodes/{name}/confirmation", json=heard)
            assert answer.status_code == 200, answer.text
        return node

    return make
