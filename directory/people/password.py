"""One's own password, changed by oneself."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, LoginSession
from directory.accounts.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH, hash_password
from directory.accounts.sign_in import prove
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from standards.crypto import digest

_FEWEST_CHARACTERS: Final = 5
ADDRESS: Final = "password"  # wrong guesses here are counted by themselves, and pause only the changing


def change_password(
    session: Session, actor: Actor, *, current: str, new: str, keep_token: str, now: datetime
) -> DirectoryError | None:
    """Replace it; every other session ends. A refusal is returned, so that a wrong guess stays counted.

    ``keep_token`` is the session in which it is done. ``PASSWORD_WRONG``, ``LOGIN_LOCKED``, ``PASSWORD_WEAK``.
    """
    proved = prove(session, actor.username, current, ADDRESS, now)
    if isinstance(proved, DirectoryError):
        return DirectoryError("PASSWORD_WRONG") if proved.code == "LOGIN_FAILED" else proved
    weakness, weakness_en = why_weak(actor.username, current, new)
    if weakness:
        return DirectoryError("PASSWORD_WEAK", reason=weakness, reason_en=weakness_en)
    account = session.scalars(select(Account).where(Account.id == actor.account_id).with_for_update()).one()
    account.password_hash, account.one_time_until = hash_password(new), None
    others = delete(LoginSession).where(LoginSession.account_id == account.id)
    session.execute(others.where(LoginSession.token_hash != digest(keep_token.encode())))
    session.flush()
    record(session, actor, "account:change_password", actor.username, at=now)
    return None


def why_weak(username: str, current: str, new: str) -> tuple[str, str]:
    """What is wrong with a new password, in Chinese and English; empty when nothing is. Length counts, not kinds of
    characters.
    """
    if not MIN_PASSWORD_LENGTH <= len(new) <= MAX_PASSWORD_LENGTH:
        return (
            f"须为 {MIN_PASSWORD_LENGTH}–{MAX_PASSWORD_LENGTH} 个字符",
            f"it has {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters",
        )
    if new == current:
        return "与当前密码相同", "it is the present one"
    if username.lower() in new.lower():
        return "含有用户名", "the user name stands in it"
    if len(set(new)) < _FEWEST_CHARACTERS:
        return f"不同的字符少于 {_FEWEST_CHARACTERS} 个", f"fewer than {_FEWEST_CHARACTERS} different characters"
    return "", ""
