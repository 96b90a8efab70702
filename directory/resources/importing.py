"""Import records as drafts: all of them or none (or only the good ones); the same file again changes nothing."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record as record_audit
from directory.errors import DirectoryError
from directory.libraries.names import library_class_codes
from directory.organisations.models import Organisation
from directory.organisations.register import named_organisation
from directory.policy import require
from directory.resources.classes import ClassCodes
from directory.resources.edit import edit
from directory.resources.mint import reserve
from directory.resources.reading import Incoming, Incomings
from directory.resources.register_many import Arrival, register_many
from directory.resources.standing import Standing, keyed, standings
from standards.errors import ExplainedError
from standards.findings import Finding

_NAMED = 5  # departments in a refusal
_LOCK = 0x494D504F5254  # "IMPORT"


@dataclass(frozen=True)
class Refused:
    """A record that was not taken: where it stands, and why; ``is_known`` where the directory has it already."""

    place: str
    title: str
    code: str
    zh: str
    findings: tuple[Finding, ...] = ()
    next_step: str = ""
    is_known: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of one entry of the file, recognised by ``key``; versions are those before and after.

    ``left``: an entry that is known and differs, and was to stay as it is.
    """

    key: str
    kind: Literal["added", "updated", "unchanged", "left", "refused"]
    resource_id: UUID | None = None
    version_before: int | None = None
    version_after: int | None = None
    refused: Refused | None = None


@dataclass
class ImportReport:
    """What came of an import. With anything ``refused`` nothing was imported, unless only the good ones were wanted;
    ``differing`` were left as they are.

    ``unassessed`` are records whose assessments were left out: here they are recorded by who makes them, not imported.
    """

    is_dry_run: bool
    rows: int
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    differing: list[str] = field(default_factory=list)
    unassessed: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    new_organisations: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Whether anything was written."""
        return not self.is_dry_run and bool(self.added or self.updated)


def import_records(
    session: Session,
    actor: Actor,
    incoming: Incomings,
    classes: ClassCodes,
    now: datetime,
    *,
    is_dry_run: bool,
    only_good: bool = False,
    updates: Collection[str] = (),
    skipped: Collection[str] = (),
) -> ImportReport:
    """Register what is new. Departments that nobody registered are made as provisional ones, for the office only.

    An entry is recognised by title, department and kind of file, or by its identifier or code. Known entries that
    differ stay as they are, but those in ``updates`` (keys of ``standing.keyed``) get a new version; those in
    ``skipped`` are not looked at. Raises ``FORBIDDEN`` for another's department and ``IMPORT_EMPTY`` for a file without
    entries; what is wrong with single records is in the report, and then none is imported, or with ``only_good`` the
    others.
    """
    if not incoming.records and not is_dry_run:
        raise DirectoryError("IMPORT_EMPTY", rows=incoming.rows)
    report = ImportReport(is_dry_run=is_dry_run, rows=incoming.rows)
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))  # two imports of one file would both find it new
    classes = classes.with_libraries(library_class_codes(session))
    savepoint = session.begin_nested()
    run = _Run(session, actor, classes, now, report, only_good=only_good)
    run.take(incoming, updates, skipped)
    if is_dry_run or (report.refused and not only_good):
        savepoint.rollback()
        return report
    savepoint.commit()
    counts = {"rows": report.rows, "added": report.added, "updated": report.updated, "unchanged": report.unchanged}
    record_audit(session, actor, "resource:import", incoming.source, at=now, details={**counts})
    return report


class _Run:
    """One import under way."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        classes: ClassCodes,
        now: datetime,
        report: ImportReport,
        *,
        only_good: bool,
    ) -> None:
        self._session, self._actor, self._classes, self._now = session, actor, classes, now
        self._report, self._only_good = report, only_good
        self._organisations: Mapping[str, Organisation] = {}

    def take(self, incoming: Incomings, updates: Collection[str], skipped: Collection[str]) -> None:
        """Every entry in the order of the file."""
        entries = {key: each for key, each in keyed(incoming).items() if key not in skipped}
        self._organisations, forbidden = self._named(entries)
        allowed = {key: each for key, each in entries.items() if each.record.provider.name in self._organisations}
        codes = {name: organisation.code for name, organisation in self._organisations.items()}
        known = standings(self._session, allowed, codes)
        self._reserve({key: each for key, each in allowed.items() if key not in known})
        added = self._add({key: each for key, each in allowed.items() if key not in known})
        for key, each in entries.items():
            if key not in allowed:
                self._refuse(key, each, forbidden[each.record.provider.name])
            elif key in added:
                self._note_added(key, each, added[key])
            elif known[key].is_same(each.record, incoming.elements):
                self._report.unchanged += 1
                self._report.outcomes.append(_outcome(key, "unchanged", known[key]))
            elif key in updates:
                self._update(key, each, known[key], incoming.elements)
            else:
                self._report.differing.append(f"{each.place}：{each.record.title}")
                self._report.outcomes.append(_outcome(key, "left", known[key]))

    def _named(
        self, entries: Mapping[str, Incoming]
    ) -> tuple[Mapping[str, Organisation], Mapping[str, DirectoryError]]:
        """The departments by the name that the file uses, and why the others are not this actor's to import."""
        found: dict[str, Organisation] = {}
        forbidden: dict[str, DirectoryError] = {}
        providers = {each.record.provider.name: each.record.provider for each in entries.values()}
        for provider in providers.values():
            before = self._session.scalar(
                select(Organisation).where((Organisation.name == provider.name) | (Organisation.code == provider.code))
            )
            try:
                require(self._actor, Action.RESOURCE_REGISTER, before.code if before else "")
            except DirectoryError as error:
                forbidden[provider.name] = error
                continue
            if before is None:
                before = named_organisation(self._session, provider.name, code=provider.code, by=self._actor)
                self._report.new_organisations.append(provider.name)
            found[provider.name] = before
        if forbidden and not self._only_good:
            raise _of_others(forbidden)
        return found, forbidden

    def _reserve(self, new: Mapping[str, Incoming]) -> None:
        prefixes = {name: organisation.prefix for name, organisation in self._organisations.items()}
        records = [each.record for each in new.values()]
        fronts = (front for each in records for front in self._classes.fronts(each, prefixes[each.provider.name]))
        reserve(self._session, fronts)

    def _add(self, new: Mapping[str, Incoming]) -> dict[str, UUID | ExplainedError]:
        """Register what is new; by its keys what it has become, or why not."""
        arrivals = []
        for key, each in new.items():
            organisation = self._organisations[each.record.provider.name]
            arrivals.append(Arrival(each.record.model_copy(update={"assessments": ()}), organisation, key))
        found = register_many(self._session, self._actor, arrivals, self._classes, self._now)
        return dict(zip(new, found, strict=True))

    def _note_added(self, key: str, each: Incoming, done: UUID | ExplainedError) -> None:
        if isinstance(done, ExplainedError):
            self._refuse(key, each, done)
            return
        self._report.added += 1
        self._report.outcomes.append(Outcome(key, "added", done, None, 1))
        self._note_assessments(each)

    def _update(self, key: str, each: Incoming, known: Standing, elements: Collection[str] | None) -> None:
        record = known.updated(each.record, elements)
        try:
            with self._apart():
                ref = str(known.resource_id)
                saved = edit(self._session, self._actor, ref, record, known.version, self._now, step="import")
        except ExplainedError as error:
            self._refuse(key, each, error)
            return
        self._report.updated += 1
        self._report.outcomes.append(
            Outcome(key, "updated", known.resource_id, known.version, saved.entry.current_version)
        )
        self._note_assessments(each)

    def _apart(self) -> AbstractContextManager[object]:
        """Where one may fail alone, a savepoint of its own: nothing of it is left, not even its numbers."""
        return self._session.begin_nested() if self._only_good else nullcontext()

    def _note_assessments(self, each: Incoming) -> None:
        if each.record.assessments:
            self._report.unassessed.append(f"{each.place}：{each.record.title}")

    def _refuse(self, key: str, each: Incoming, error: ExplainedError) -> None:
        given = error.values.get("findings", [])
        kept = tuple(one for one in given if isinstance(one, Finding)) if isinstance(given, list) else ()
        refused = Refused(each.place, each.record.title, error.code, error.zh, kept, error.next_step)
        self._report.refused.append(refused)
        self._report.outcomes.append(Outcome(key, "refused", refused=refused))


def _outcome(key: str, kind: Literal["unchanged", "left"], known: Standing) -> Outcome:
    return Outcome(key, kind, known.resource_id, known.version)


def _of_others(forbidden: Mapping[str, DirectoryError]) -> DirectoryError:
    """The refusal of a file for whose departments this actor may not import, which it names."""
    first = next(iter(forbidden.values()))
    names, more = list(forbidden)[:_NAMED], len(forbidden) - _NAMED
    said = f"{'、'.join(names)}等 {len(forbidden)} 个部门" if more > 0 else "、".join(names)
    return DirectoryError(first.code, **first.values | {"reason": f"{first.values['reason']}，文件里有{said}的目录"})
