"""The service's shell: problems and pages, limits, headers, and what never leaves it."""

from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Form
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from directory.app import create_app
from directory.db import DbSession, make_engine
from directory.declared import open_to_public
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.organisations.models import Organisation
from directory.roles import Role

SECRET = "330102199001011234"


def test_alive_and_ready(city: Any) -> None:
    client = city.client()
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json()["status"] == "ok"


def test_problems_for_programs_and_pages_for_people(city: Any) -> None:
    client = city.client()
    problem = client.get("/api/v1/nothing", headers={"Accept": "text/html"})
    assert problem.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "code", "next_step"} <= problem.json().keys()
    page = client.get("/nothing", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "没有这个地址" in page.text
    assert client.put("/healthz").json()["code"] == "METHOD_NOT_ALLOWED"


def test_an_address_typed_wrong_is_a_page_that_is_not_there(city: Any) -> None:
    client = city.person(city.organisation(), Role.SHARING_LEAD).client
    page = client.get("/requests/no-such", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "没有这个地址" in page.text
    assert "request_id" not in page.text
    assert client.get("/api/v1/requests/no-such").status_code == 422  # a program is told which field


def test_malformed_input_names_fields_and_repeats_no_value(city: Any) -> None:
    answer = city.client().post("/api/v1/session", json={"username": {"id": SECRET}, "password": "x" * 300})
    assert (answer.status_code, answer.json()["code"]) == (422, "INPUT_MALFORMED")
    assert {each["path"] for each in answer.json()["findings"]} == {"username", "password"}
    assert SECRET not in answer.text
    assert (
        city.client().post("/api/v1/session", content=b"{", headers={"Content-Type": "application/json"}).status_code
        == 422
    )


def test_malformed_input_says_what_was_expected(city: Any) -> None:
    send = city.client().post
    [finding] = send("/api/v1/session", content="{", headers={"content-type": "application/json"}).json()["findings"]
    assert finding == {"path": "body", "rule": "json_invalid", "zh": "不是合法的 JSON", "en": "valid JSON"}
    long = send("/api/v1/session", json={"username": "张" * 2000, "password": 1}).json()["findings"]
    assert [each["zh"] for each in long] == ["最长 64 个字", "应是文字"]


def test_text_that_no_database_holds_is_refused(city: Any) -> None:
    answer = city.client().post("/api/v1/session", json={"username": "a\x00", "password": "x"})
    assert (answer.status_code, answer.json()["code"]) == (422, "TEXT_NOT_STORABLE")


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_over_the_limit_is_refused(city: Any, is_chunked: bool) -> None:
    size = LIMITS.body_bytes + 1
    content: Any = (b"x" * 65536 for _ in range(size // 65536 + 1)) if is_chunked else b"x" * size
    answer = city.client().post("/api/v1/session", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")
    assert str(LIMITS.body_bytes) in answer.json()["detail"]


def test_security_headers_on_everything(city: Any) -> None:
    for path in ("/healthz", "/login", "/api/v1/nothing"):
        headers = city.client().get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_nothing_is_fetched_from_elsewhere(directory_app: FastAPI, city: Any) -> None:
    assert city.client().get("/docs").status_code == 404
    assert city.client().get("/openapi.json").status_code == 200


@pytest.fixture
def failing(directory_settings: Any) -> Any:
    """The application with three routes that go wrong."""
    app = create_app(directory_settings)

    @app.post("/api/v1/broken")
    @open_to_public("a test")
    def broken(value: Annotated[str, Form()]) -> None:
        raise RuntimeError(f"a value: {value}")

    @app.get("/api/v1/half")
    @open_to_public("a test")
    def half(session: DbSession) -> None:
        session.add(Organisation(code="half", name="写了一半"))
        session.flush()
        raise DirectoryError("BUSY")

    @app.get("/api/v1/late")
    @open_to_public("a test")
    def late(session: DbSession) -> dict[str, str]:
        now = datetime.now(UTC)
        session.execute(
            text(
                "INSERT INTO resource (id, org_code, title, status, step_seq, round, current_version, updated_on)"
                " VALUES (gen_random_uuid(), (SELECT min(code) FROM organisation), '无步骤', 'draft', 1, 1, 1, :now)"
            ),
            {"now": now},
        )
        return {"status": "written"}

    yield app
    app.state.engine.dispose()


def client_of(app: FastAPI) -> Any:
    from starlette.testclient import TestClient  # noqa: PLC0415  # its import warns, which conftest has seen to

    return TestClient(app, follow_redirects=False)


def test_an_unexpected_error_shows_its_number_and_no_value(failing: FastAPI) -> None:
    client = client_of(failing)
    page = client.get("/login").text
    token = page.split('name="csrf_token" value="')[1][:64]
    with capture_logs() as logs:
        answer = client.post("/api/v1/broken", data={"value": SECRET, "csrf_token": token})
    assert (answer.status_code, answer.json()["code"]) == (500, "UNEXPECTED")
    event = next(each for each in logs if each["event"] == "unexpected")
    assert event["error"] == "builtins.RuntimeError"
    assert event["error_id"] in answer.json()["detail"]
    assert any("broken" in frame for frame in event["frames"])
    assert SECRET not in answer.text + str(logs)


def test_a_refusal_leaves_nothing_behind(failing: FastAPI) -> None:
    answer = client_of(failing).get("/api/v1/half")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    with failing.state.sessions() as session:
        assert session.get(Organisation, "half") is None


def test_a_commit_that_fails_is_not_answered_with_success(failing: FastAPI, city: Any) -> None:
    """The deferred foreign key speaks at commit, after the endpoint has returned."""
    city.organisation()
    assert client_of(failing).get("/api/v1/late").status_code == 500


def test_a_database_that_is_away_is_said_plainly() -> None:
    engine = make_engine("postgresql+psycopg2://nobody:x@/nothing?host=/nonexistent")
    with pytest.raises(DirectoryError, match="DATABASE_AWAY") as caught:
        engine.connect()
    assert caught.value.is_transient


def test_waits_are_bounded(directory_app: FastAPI, directory_settings: Any) -> None:
    with directory_app.state.sessions() as session:
        assert session.execute(text("SHOW lock_timeout")).scalar_one() == f"{LIMITS.lock_wait_seconds}s"
        session.execute(text("SET LOCAL statement_timeout = '10ms'"))
        with pytest.raises(DirectoryError, match="BUSY"):
            session.execute(text("SELECT pg_sleep(5)"))


def test_migrations_and_models_say_the_same(directory_app: FastAPI, directory_settings: Any) -> None:
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415
    from alembic.migration import MigrationContext  # noqa: PLC0415

    from directory.db import Base  # noqa: PLC0415
    from directory.privileges import PRIVILEGES  # noqa: PLC0415

    owner = create_engine(directory_settings.owner_url)
    with owner.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    owner.dispose()
    assert set(PRIVILEGES) == set(Base.metadata.tables) | {"alembic_version"}


def test_the_keys_are_private(directory_app: FastAPI, directory_settings: Any) -> None:
    for path in (directory_settings.log_key_path, directory_settings.directory_key_path):
        assert path.stat().st_mode & 0o777 == 0o400
        assert path.parent.stat().st_mode & 0o077 == 0
