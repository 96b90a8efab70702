"""Sign in and out. Sessions live on the server; what the caller holds is an opaque token of 256 bits."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from directory.accounts.models import Account, LoginFailure, LoginSession
from directory.accounts.passwords import is_right
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.limits import LIMITS
from standards.crypto import digest

_TOKEN_BYTES = 32
_FORGET_FAILURES = timedelta(days=1)


@dataclass(frozen=True)
class SignedIn:
    """The token, shown once."""

    token: str
    ends_at: datetime


def sign_in(
    session: Session, *, username: str, password: str, address: str, kind: str, hours: int, now: datetime
) -> SignedIn | DirectoryError:
    """Check a password and begin a new session of ``kind`` (``browser`` or ``api``) lasting at most ``hours``.

    A refusal (``LOGIN_FAILED``, ``LOGIN_LOCKED``, ``PASSWORD_OVER``) is returned, not raised, so that the count of
    failures is committed.
    """
    account = prove(session, username, password, address, now)
    if isinstance(account, DirectoryError):
        return account
    if account.one_time_until is not None and now >= account.one_time_until:
        record(
            session,
            account.username,
            "session:begin",
            account.username,
            code="PASSWORD_OVER",
            outcome="refused",
            at=now,
        )
        return DirectoryError("PASSWORD_OVER")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    ends_at = now + timedelta(hours=hours)
    session.add(
        LoginSession(
            token_hash=digest(token.encode()),
            account_id=account.id,
            kind=kind,
            created_at=now,
            last_seen_at=now,
            ends_at=ends_at,
        )
    )
    session.execute(delete(LoginSession).where(LoginSession.ends_at < now))
    record(session, account.username, "session:begin", account.username, details={"kind": kind}, at=now)
    return SignedIn(token, ends_at)


def prove(session: Session, username: str, password: str, address: str, now: datetime) -> Account | DirectoryError:
    """The account whose password this is; ``LOGIN_FAILED`` and ``LOGIN_LOCKED`` are returned, and counted.

    The failure row is locked first: parallel attempts on one account from one address queue up and are all counted.
    """
    failures = _lock_failures(session, username, address, now)
    pause = timedelta(seconds=LIMITS.login_pause_seconds)
    if now - failures.last_failed_at >= pause:
        failures.failed_count = 0
    if failures.failed_count >= LIMITS.login_tries:
        return DirectoryError("LOGIN_LOCKED", tries=LIMITS.login_tries, minutes=LIMITS.login_pause_seconds // 60)
    account = session.scalar(select(Account).where(Account.username == username, Account.is_active))
    if not is_right(account.password_hash if account else None, password) or account is None:
        failures.failed_count += 1
        failures.last_failed_at = now
        code = "LOGIN_FAILED"
        known = account.username if account else "unknown"  # what was typed as a name may be a password
        record(session, known, "session:begin", known, code=code, outcome="refused", at=now)
        return DirectoryError(code)
    session.delete(failures)
    return account


def sign_out(session: Session, token: str, now: datetime) -> None:
    """End the session of this token; without one nothing happens."""
    username = session.scalar(
        select(Account.username)
        .join(LoginSession, LoginSession.account_id == Account.id)
        .where(LoginSession.token_hash == digest(token.encode()))
    )
    if username is not None:
        session.execute(delete(LoginSession).where(LoginSession.token_hash == digest(token.encode())))
        record(session, username, "session:end", username, at=now)


def _lock_failures(session: Session, username: str, address: str, now: datetime) -> LoginFailure:
    session.execute(delete(LoginFailure).where(LoginFailure.last_failed_at < now - _FORGET_FAILURES))
    new = insert(LoginFailure).values(username=username, address=address, failed_count=0, last_failed_at=now)
    locked = new.on_conflict_do_update(
        index_elements=[LoginFailure.username, LoginFailure.address],
        set_={"failed_count": LoginFailure.failed_count},
    ).returning(LoginFailure)
    return session.scalars(locked, execution_options={"populate_existing": True}).one()
