"""The least that could decide: FastAPI, one row updated and one audit row inserted in one transaction, nothing asked.

Beside it, what keeping record costs whoever asks nothing: the rows that the product leaves when a request is accepted,
in its own tables. ``python -m benchmarks._requests_bare PORT`` serves both over the database in
``BARE_DATABASE_URL``, steps being those of the account ``BARE_DECIDER``.
"""

import os
import sys
from uuid import UUID

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import create_engine, text

app = FastAPI()
engine = create_engine(os.environ.get("BARE_DATABASE_URL", "postgresql+psycopg2://"), pool_size=10)
TABLES = (
    "CREATE TABLE bare_request (id uuid PRIMARY KEY, state text NOT NULL, decided_at timestamptz)",
    "CREATE TABLE bare_audit (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, request_id uuid NOT NULL, act text, at timestamptz)",  # noqa: E501
)
_STEP = text(
    "WITH moved AS (UPDATE request SET stage = 'provider', step_seq = step_seq + 1 WHERE id = :id RETURNING *)"
    " INSERT INTO request_step (request_id, seq, version, requested_by, act, state, stage, decided_by, decider_name,"
    " org_name, comment, reason, decided_at) SELECT id, step_seq, version, created_by, 'accepted', state, stage, :by,"
    " 'bare', 'bare', '', '', now() FROM moved RETURNING requested_by"
)
_ENTRY = text("INSERT INTO audit_out (event_id, bytes) VALUES (gen_random_uuid(), :bytes)")
_NOTICE = text(
    "INSERT INTO notice (account_id, role, org_code, kind, about, parameters, caused_by, created_at)"
    " SELECT each.account_id, each.role, each.org_code, each.kind, r.id,"
    " jsonb_build_object('title', r.resource_title), :by, now() FROM request r, LATERAL (VALUES"
    " (NULL::uuid, 'sharing_lead', r.provider_org, 'request:to_answer'),"
    " (r.created_by, NULL, NULL, 'request:accepted'),"
    " (NULL, 'sharing_lead', r.requester_org, 'request:accepted')) AS each (account_id, role, org_code, kind)"
    " WHERE r.id = :id"
)
_ENTRY_BYTES = 400


class Decision(BaseModel):
    """What a decision says."""

    to: str


@app.get("/healthz")
def health() -> dict[str, str]:
    """Whether it serves."""
    return {"status": "ok"}


@app.post("/requests/{request_id}/transitions")
def decide(request_id: UUID, decision: Decision) -> dict[str, str]:
    """One row, one audit row."""
    values = {"id": request_id, "to": decision.to}
    with engine.begin() as connection:
        connection.execute(text("UPDATE bare_request SET state = :to, decided_at = now() WHERE id = :id"), values)
        connection.execute(text("INSERT INTO bare_audit (request_id, act, at) VALUES (:id, :to, now())"), values)
    return {"id": str(request_id), "state": decision.to}


@app.post("/requests/{request_id}/rows")
def keep_record(request_id: UUID, decision: Decision) -> dict[str, str]:
    """The request's row, its step, the audit entry and three notices."""
    values = {"id": request_id, "by": os.environ["BARE_DECIDER"]}
    with engine.begin() as connection:
        connection.execute(_STEP, values).one()
        connection.execute(_ENTRY, {"bytes": bytes(_ENTRY_BYTES)})
        connection.execute(_NOTICE, values)
    return {"id": str(request_id), "state": decision.to}


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
