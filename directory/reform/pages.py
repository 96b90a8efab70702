"""Pages of 机构改革: choose, see everything that would move, carry it out; and each act afterwards."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.models import Account, AccountRole
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.http.throttle import COSTLY
from directory.organisations.names import organisation_names
from directory.organisations.queries import open_organisations
from directory.policy import allows, require
from directory.reform import carry_out as verbs
from directory.reform import work
from directory.reform.choice import Choice, fitting
from directory.reform.holdings import KIND_WORDS
from directory.reform.models import KINDS, STAGES
from directory.reform.plan import Line
from directory.reform.preview import Preview, preview
from directory.reform.queries import all_done, done
from directory.reform.sent import ALSO, ENTRY, NODE, PERSON, REST, Sent, SentForm
from directory.roles import ROLE_NAMES, Role
from directory.typed import id_in
from directory.web.render import page, page_after
from standards.errors import ExplainedError

router = APIRouter(prefix="/reforms", include_in_schema=False)

SHOWN = 300
"""Lines of one kind on a page; a program or a file chooses for more."""
_CHOSEN = {"entry": ENTRY, "node": NODE, "person": PERSON}
_IN_FULL = ("entry", "node", "person", "received", "asked", "grant_provided", "grant_used")  # the rest is folded


class Person(NamedTuple):
    """Who somebody in a plan is: user name, and roles in words."""

    username: str
    roles: str


@router.get("")
@governed_by(Action.ORGANISATION_READ)
def show_reforms(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The acts, the latest first; whoever may carry one out sees those under way above."""
    going_on = work.under_way(session) if allows(actor, Action.ORGANISATION_REFORM, None) else []
    return page(request, "reform/reforms.html", acts=all_done(session), going_on=going_on, **_words(session, going_on))


@router.get("/new")
@governed_by(Action.ORGANISATION_REFORM)
def show_form(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    kind: Annotated[Literal["rename", "merge", "split"], Query()] = "merge",
    organisation: Annotated[str, Query(max_length=32)] = "",
) -> HTMLResponse:
    """The form of one kind of act."""
    require(actor, Action.ORGANISATION_REFORM, None)
    today = shanghai_today().isoformat()
    begun: dict[str, list[str]] = {"kind": [kind], "organisations": [organisation], "effective_on": [today]}
    return _form_page(request, session, Sent(begun))


@router.post("/new", dependencies=[COSTLY])
@governed_by(Action.ORGANISATION_REFORM)
def reform(request: Request, session: DbSession, actor: CurrentActor, form: SentForm) -> Response:
    """Show what would move, or carry out what was shown; a refusal is said above, with what was typed.

    ``become`` is another kind of act that was pressed instead: its form, with what was typed. ``anew`` is an act that
    ended without being carried out: what was chosen for it.
    """
    require(actor, Action.ORGANISATION_REFORM, None)  # before anything is said of what is whose
    if (before := id_in(form.one("anew"))) is not None:
        form = Sent.of(work.progress(session, actor, before).choice)
    if (kind := form.one("become")) in KINDS:
        return _form_page(request, session, form.become(kind))
    now = datetime.now(UTC)
    try:
        with session.begin_nested():
            choice = fitting(session, form.choice())
            if form.one("do") == "carry_out":
                key = request.app.state.directory_key
                if work.require_previewed(session, choice, now, form.one("digest")) > work.LONG:
                    begun = work.keep(session, actor, choice, now, previewed=form.one("digest"))
                    return RedirectResponse(f"/reforms/{begun.reform_id}", status_code=303)
                made = verbs.carry_out(session, actor, key, choice, now, previewed=form.one("digest"))
                return RedirectResponse(f"/reforms/{made.id}", status_code=303)
            return _form_page(request, session, form, plan=preview(session, actor, choice, now))
    except ExplainedError as error:
        refused = error
    session.expire_all()
    again = preview(session, actor, fitting(session, form.choice()), now) if refused.code == "REFORM_CHANGED" else None
    return _form_page(request, session, form, plan=again, error=refused)


@router.get("/{reform_id}")
@governed_by(Action.ORGANISATION_READ)
def show_reform(reform_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One act: on which paper, who carried it out, how much moved; how far it is, to who may carry one out."""
    if allows(actor, Action.ORGANISATION_REFORM, None) and work.is_unfinished(session, reform_id):
        return _progress_page(request, session, actor, reform_id)
    return page(request, "reform/reform.html", act=done(session, reform_id), KIND_WORDS=KIND_WORDS)


@router.post("/{reform_id}/stop")
@governed_by(Action.ORGANISATION_REFORM)
def stop(reform_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """Have it ended with nothing moved."""
    return _asked(request, session, actor, reform_id, work.stop)


@router.post("/{reform_id}/again", dependencies=[COSTLY])
@governed_by(Action.ORGANISATION_REFORM)
def again(reform_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """Begin anew what was stopped or refused."""
    return _asked(request, session, actor, reform_id, work.again)


def _asked(
    request: Request,
    session: Session,
    actor: Actor,
    reform_id: UUID,
    verb: Callable[[Session, Actor, UUID, datetime], None],
) -> Response:
    try:
        with session.begin_nested():
            verb(session, actor, reform_id, datetime.now(UTC))
    except DirectoryError as error:
        session.expire_all()
        if not work.is_unfinished(session, reform_id):
            raise
        return _progress_page(request, session, actor, reform_id, error)
    return RedirectResponse(f"/reforms/{reform_id}", status_code=303)


def _progress_page(
    request: Request, session: Session, actor: Actor, reform_id: UUID, error: DirectoryError | None = None
) -> HTMLResponse:
    """How far it is, looked at anew by the page until it has ended; nobody need stay for it."""
    found = work.progress(session, actor, reform_id)
    return page_after(request, "reform/progress.html", error, work=found, **_words(session, [found]))


def _words(session: Session, shown: Sequence[work.Progress]) -> dict[str, Any]:
    codes = {code for each in shown for code in (*each.choice.organisations, *each.choice.successors)}
    return {"names": organisation_names(session, frozenset(codes)), "STAGES": STAGES}


def _form_page(
    request: Request, session: Session, form: Sent, *, plan: Preview | None = None, error: ExplainedError | None = None
) -> HTMLResponse:
    lines = plan.lines if plan else ()
    kind = form.one("kind") if form.one("kind") in KINDS else "merge"
    by_kind = {each: [line for line in lines if line.kind == each] for each in KIND_WORDS if plan}
    people = _people(session, plan)
    moves = plan.going.choice if plan and kind != "rename" else None
    unfit = _unfit(form, moves) if moves else set()
    unseen = form.chosen({*_selects(by_kind, people, kind), *unfit})
    if moves:  # what was with whom the rest went is with whom it goes now
        unseen = {name: to_org for name, to_org in unseen.items() if to_org != form.one(REST)}
    return page_after(
        request,
        "reform/new.html",
        error,
        form=form,
        ALSO=ALSO,
        kind=kind,
        KINDS=KINDS,
        KIND_WORDS=KIND_WORDS,
        plan=plan,
        by_kind=by_kind,
        unseen_choices=unseen,
        unfit_count=len(unfit),
        rest=moves.default if moves else form.one(REST),
        REST=REST,
        shown=SHOWN,
        long=work.LONG,
        chosen=_CHOSEN,
        names=organisation_names(session),
        people=people,
        in_full=_IN_FULL,
        others=open_organisations(session),
    )


def _selects(by_kind: Mapping[str, Sequence[Line]], people: Mapping[str, Person], kind: str) -> set[str]:
    """The fields that the page itself has for choosing; in a merge there is only who goes along to choose."""
    shown = {each: by_kind.get(each, ())[:SHOWN] for each in _CHOSEN if kind == "split" or each == "person"}
    return {
        f"{_CHOSEN[each]}{people[line.subject].username if each == 'person' else line.subject}"
        for each, lines in shown.items()
        for line in lines
    }


def _unfit(form: Sent, moves: Choice) -> set[str]:
    """What was chosen and cannot be any more, by its fields: those to choose from have changed since."""
    kept, elsewhere = Sent.of(moves).fields, ("", form.one(REST), moves.default)
    return {name for name, to_org in form.chosen(()).items() if name not in kept and to_org not in elsewhere}


def _people(session: Session, plan: Preview | None) -> dict[str, Person]:
    """Who the people of a plan are, by their ids."""
    ids = [UUID(line.subject) for line in plan.lines if line.kind == "person"] if plan else []
    held: dict[UUID, list[str]] = {}
    for row in session.scalars(select(AccountRole).where(AccountRole.account_id.in_(ids)).order_by(AccountRole.role)):
        held.setdefault(row.account_id, []).append(ROLE_NAMES[Role(row.role)])
    accounts = session.scalars(select(Account).where(Account.id.in_(ids)))
    return {str(row.id): Person(row.username, "、".join(held.get(row.id, ["没有角色"]))) for row in accounts}
