"""For whoever starts, watches and balances the service."""

from fastapi import APIRouter
from sqlalchemy import text

from directory.db import DbSession
from directory.declared import open_to_public

router = APIRouter(tags=["health"])


@router.get("/healthz")
@open_to_public("says only that the process answers")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
@open_to_public("says only that the database answers and is migrated")
def ready(session: DbSession) -> dict[str, str]:
    """The database answers and has tables; 503 where it does not."""
    return {"status": "ok", "schema": session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()}
