"""The least that could decide: FastAPI, one row updated and one audit row inserted in one transaction, nothing asked.

``python -m benchmarks._requests_bare PORT WORKERS`` serves it over the database in ``BARE_DATABASE_URL``.
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


if __name__ == "__main__":
    uvicorn.run(
        "benchmarks._requests_bare:app",
        port=int(sys.argv[1]),
        workers=int(sys.argv[2]),
        log_level="warning",
        access_log=False,
    )
