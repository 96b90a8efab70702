"""An index made by several processes is the same as one made by one, can be written to, and fails as a whole."""

from pathlib import Path
from typing import Any

import psycopg2
import pytest
import tantivy
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from directory.resources.rows import Share, entry_rows
from directory.search.building import build
from directory.search.generation import Cursor, Generation
from directory.search.match import all_of, matching
from directory.search.walk import ids
from directory.search.words import words_of


def test_shares_made_by_several_processes_hold_every_entry_once_and_can_be_written_to(
    shelf: Any, tmp_path: Path
) -> None:
    made = set(shelf.add(*(f"分头建立{number}" for number in range(30))))
    built = build(tmp_path, shelf.app.state.sessions, worth_a_process=15)
    with shelf.app.state.sessions() as session:
        rows = {row.id: row for row in entry_rows(session)}
        shares = [{row.id for row in entry_rows(session, share=Share(number, 2))} for number in range(2)]
    assert shares[0].isdisjoint(shares[1])
    assert all(shares)
    assert shares[0] | shares[1] == set(rows)
    assert (built.searcher().num_docs, built.searcher().num_segments) == (len(rows), 2)
    assert _found(built, "分头建立") == made
    assert [each.name for each in built.folder.iterdir() if each.is_dir()] == []

    gone, changed, *_ = (rows[each] for each in rows if str(each) in made)
    other = changed._replace(record={**changed.record, "title": "合并之后"})
    built.update([gone.id, changed.id], [other], built.cursor())
    built.tidy()
    assert _found(built, "合并之后") == {str(changed.id)}
    assert _found(built, "分头建立") == made - {str(gone.id), str(changed.id)}
    opened = tantivy.Index.open(str(built.folder))
    assert opened.searcher().num_docs == len(rows) - 1


def test_where_one_process_fails_no_index_is_made(shelf: Any, tmp_path: Path) -> None:
    shelf.add(*(f"半途而废{number}" for number in range(4)))
    url = shelf.app.state.engine.url
    with_password = url.set(drivername="postgresql").render_as_string(hide_password=False)
    engine = create_engine(  # whoever reads the address finds nobody there; this process does not read it
        url.set(database="nobody_is_there"), creator=lambda: psycopg2.connect(with_password)
    )
    with pytest.raises(OSError, match="ended: DirectoryError"):
        build(tmp_path, sessionmaker(engine), worth_a_process=1)
    engine.dispose()
    assert [each for each in tmp_path.iterdir() if (each / "cursor.json").exists()] == []


def test_indexes_of_different_fields_are_not_joined(shelf: Any, tmp_path: Path) -> None:
    shelf.add("字段不同")
    with shelf.app.state.sessions() as session:
        built = Generation.build(tmp_path, entry_rows(session), Cursor(1))
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("other")
    (tmp_path / "share").mkdir()
    tantivy.Index(builder.build(), path=str(tmp_path / "share"))
    with pytest.raises(ValueError, match="different fields"):
        Generation.joined(built.folder, [tmp_path / "share"], Cursor(1))


def _found(generation: Generation, words: str) -> set[str]:
    searcher = generation.searcher()
    hits = searcher.search(all_of(matching(words_of(words))), 1000).hits
    return {str(each) for each in ids(searcher, [address for _, address in hits])}
