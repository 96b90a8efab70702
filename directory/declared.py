"""What a route says about who may call it, as a mark on its endpoint."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from directory.errors import DirectoryError

if TYPE_CHECKING:
    from directory.actions import Action
    from directory.actors import Actor

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True)
class Declared:
    """What a route says about who may call it. A test refuses a route that says nothing."""

    kind: str
    actions: "tuple[Action, ...]" = ()
    reason: str = ""


def require_scope(actor: "Actor", route: Declared | None, *, is_safe: bool) -> None:
    """Raise ``DirectoryError TOKEN_SCOPE`` where an access token is out of its scope on this route altogether.

    On a governed route one of its actions must be in scope, before ``may`` decides on the very one. What anybody signed
    in may do is for people: a token only reads there, so that it neither makes tokens nor changes a password.
    """
    if actor.scope is None or route is None:
        return
    if not (actor.scope & set(route.actions) if route.actions else is_safe):
        names = "、".join(route.actions) or "由本人登录后办理"
        raise DirectoryError("TOKEN_SCOPE", reason=f"访问令牌的范围不包括这一项（{names}）", action="token")


def governed_by(*actions: "Action") -> Callable[[F], F]:
    """Mark an endpoint: signed-in actors, each call decided by ``require`` with one of these actions."""
    return _mark(Declared("governed", actions))


def open_to_signed_in(reason: str) -> Callable[[F], F]:
    """Mark an endpoint that serves any signed-in actor only what is their own."""
    return _mark(Declared("signed_in", reason=reason))


def open_to_nodes(reason: str) -> Callable[[F], F]:
    """Mark an endpoint whose caller proves itself by a node's signature or an enrolment token."""
    return _mark(Declared("node", reason=reason))


def open_to_public(reason: str) -> Callable[[F], F]:
    """Mark an endpoint that asks nobody who they are."""
    return _mark(Declared("public", reason=reason))


def declared(endpoint: Callable[..., object]) -> Declared | None:
    """The mark of an endpoint."""
    return getattr(endpoint, "declared_policy", None)


def _mark(policy: Declared) -> Callable[[F], F]:
    def mark(endpoint: F) -> F:
        endpoint.declared_policy = policy  # type: ignore[attr-defined]
        return endpoint

    return mark
