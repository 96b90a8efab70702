"""An index of everything in the database, made by several processes where that is sooner done.

Each process makes an index of its share of the entries, cut by a hash of their ids; the shares' segments are then put
into one folder. All read the database as it was at one moment (``pg_export_snapshot``), so no entry is in two shares.
"""

import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from directory.db import make_engine
from directory.resources.queries import extent
from directory.resources.rows import Share, entry_rows
from directory.search.changes import horizon
from directory.search.generation import Cursor, Generation, fill

_WORTH_A_PROCESS = 20_000  # entries; a process takes about two seconds to start
_MOST_PROCESSES = 4


def build(root: Path, sessions: sessionmaker[Session], worth_a_process: int = _WORTH_A_PROCESS) -> Generation:
    """A new index beside the one in use; what was committed meanwhile is at or above its cursor's horizon.

    One more process for every ``worth_a_process`` entries, as far as there are processors for them. Raises ``OSError``
    or ``ValueError`` when the index could not be made, by whichever process.
    """
    with sessions() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        cursor = Cursor(horizon(session))
        worth = extent(session)[0] // worth_a_process
        processes = min(max(2, len(os.sched_getaffinity(0))), _MOST_PROCESSES, worth)
        if processes < 2:
            return Generation.build(root, entry_rows(session), cursor)
        made = Generation.folder_in(root)
        with _others(session, made, processes) as others:
            fill(made, entry_rows(session, share=Share(0, processes)))
            for each in others:
                _expect(each, _READING)
            session.close()  # every process has the snapshot by now
            for each in others:
                _expect(each, _DONE)
    return Generation.joined(made, [made / _name(number) for number in range(1, processes)], cursor)


_READING, _DONE = "reading", "done"


@contextmanager
def _others(session: Session, folder: Path, processes: int) -> Iterator[list[Connection]]:
    """The other processes at work, each by what it says; none is left behind."""
    spawning = multiprocessing.get_context("spawn")
    url = session.get_bind().engine.url.render_as_string(hide_password=False)
    snapshot = session.scalar(select(func.pg_export_snapshot()))
    started, heard = [], []
    try:
        for number in range(1, processes):
            here, there = spawning.Pipe(duplex=False)
            share = Share(number, processes)
            process = spawning.Process(
                target=_fill_share, args=(there, url, snapshot, folder / _name(number), share), daemon=True
            )
            process.start()
            there.close()  # only the process itself holds it now, so that its death is heard
            started.append(process)
            heard.append(here)
        yield heard
    finally:
        for each in started:
            each.terminate()
            each.join()


def _fill_share(said: Connection, url: str, snapshot: str, folder: Path, share: Share) -> None:
    """What another process does. Of a failure it says only the kind: the text may hold an address or values."""
    try:
        engine = make_engine(url)
        with sessionmaker(engine)() as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            session.execute(text(f"SET TRANSACTION SNAPSHOT '{snapshot}'"))  # the database's own word, no parameter
            said.send(_READING)
            folder.mkdir(mode=0o700)
            fill(folder, entry_rows(session, share=share))
        said.send(_DONE)
    except Exception as error:
        said.send(type(error).__name__)


def _expect(said: Connection, word: str) -> None:
    try:
        heard = said.recv()
    except EOFError:
        heard = "killed"
    if heard != word:
        raise OSError(f"a process that made a share of the index ended: {heard}")


def _name(number: int) -> str:
    return f"share-{number}"
