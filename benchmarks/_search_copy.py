"""Entries into PostgreSQL by COPY: made into rows and sent in pieces by several processes, each with a connection."""

import contextlib
import gc
import io
import multiprocessing
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from itertools import islice

import psycopg2

from benchmarks._search_entries import Entry, organisation_name
from metadata.resource import Category, Extent, Format, Item, Party, Resource, Sharing
from standards.check_digits import org_check_character, uscc_check_character

_PIECE = 5_000
_MOMENT = "2026-11-01 00:00:00+00"
_COLUMNS = {
    "resource": "id,identifier,code,org_code,title,status,step_seq,round,current_version,published_version,"
    "published_on,library,share_type,updated_on",
    "resource_version": "resource_id,version,record,created_by,created_at",
    "resource_step": "resource_id,seq,step,status,version,round,authored_by,decided_by,decided_at",
}


def copy_all(dsn: str, people: Sequence[str], made: Iterable[Entry], processes: int) -> None:
    """Every entry, written by the first of ``people`` (account ids) and approved by the second."""
    entries, waiting = iter(made), deque[Future[None]]()
    forking = multiprocessing.get_context("fork")  # nothing to import again
    # Plain values without cycles: the collector would look through them all, again and again.
    with ProcessPoolExecutor(processes, mp_context=forking, initializer=gc.disable) as pool:
        while piece := list(islice(entries, _PIECE)):
            waiting.append(pool.submit(_copy, dsn, people, piece))
            if len(waiting) > 2 * processes:  # not all entries at once in memory
                waiting.popleft().result()
        for each in waiting:
            each.result()


def _copy(dsn: str, people: Sequence[str], piece: list[Entry]) -> None:
    files = {table: io.StringIO() for table in _COLUMNS}
    author, approver = people
    for entry in piece:
        day = entry.updated_on.isoformat()
        code, library = organisation_code(entry.organisation), entry.library or "\\N"
        title, record = _escaped(entry.title), _escaped(_record(entry))
        own = (entry.id, entry.identifier, entry.code, code, title, "published", "1", "1", "1", "1", day, library)
        files["resource"].write("\t".join((*own, entry.share_type, day)) + "\n")
        files["resource_version"].write("\t".join((entry.id, "1", record, author, _MOMENT)) + "\n")
        step = (entry.id, "1", "publish", "published", "1", "1", author, approver, _MOMENT)
        files["resource_step"].write("\t".join(step) + "\n")
    with contextlib.closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cursor:
        for table, file in files.items():
            file.seek(0)
            cursor.copy_expert(f"COPY {table} ({_COLUMNS[table]}) FROM STDIN", file)
        connection.commit()


def _record(entry: Entry) -> str:
    """The record as the directory writes it, checked by its model."""
    return Resource(
        title=entry.title,
        identifier=entry.identifier,
        code=entry.code,
        class_code="307001",
        metadata_id=entry.id,
        abstract=entry.abstract,
        provider=Party(name=organisation_name(entry.organisation), code=organisation_code(entry.organisation)),
        keywords=entry.keywords,
        categories=(Category(name=entry.theme),),
        library=entry.library,
        formats=(Format(category="电子表格", types=entry.formats),),
        items=tuple(Item(name=name, field=f"f{place}") for place, name in enumerate(entry.items)),
        sharing=Sharing.model_validate({"share_type": entry.share_type}),
        update_cycle=entry.cycle,  # type: ignore[arg-type]  # one of the record's own
        extent=Extent(region_code=entry.region, box_mas=entry.box, crs="EPSG:4490"),
        updated_on=entry.updated_on,
        published_on=entry.updated_on,
    ).model_dump_json()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ").replace("\r", " ")


@cache
def organisation_code(number: int) -> str:
    """A department's code, with its check characters right."""
    inner = f"MB{number:06d}"
    body = "11330100" + inner + org_check_character(inner)
    return body + uscc_check_character(body)
