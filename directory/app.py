"""The service put together: ``create_app(settings)`` opens what it works with and mounts every route."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from directory.access.expiry import ender
from directory.audit.sequence import sequencer
from directory.bulletins.announce import announcer
from directory.db import make_engine, reading_sessions
from directory.http.guard import Guard
from directory.http.handlers import add_handlers, answer
from directory.http.openapi import DocumentedApp
from directory.http.throttle import Throttle
from directory.item_match.keep import holder
from directory.reform.work import reformer
from directory.reminders.remind import reminder
from directory.resources.popularity import ViewCounter
from directory.routes import routes
from directory.scanning import scanning_sessions
from directory.search.index import Follower, SearchIndex
from directory.settings import DirectorySettings
from directory.signing import open_key
from directory.statistics.keep import keeper
from directory.supervision.tally import folder
from metadata.transparency import log_origin

STATIC = Path(__file__).parent / "web" / "static"


def create_app(settings: DirectorySettings) -> FastAPI:
    """The application over a migrated database; its keys are made in the home at the first start."""
    app = DocumentedApp(
        title="Hutong directory 互通目录",
        version="1",
        docs_url=None,  # the interactive page would load its script from elsewhere
        redoc_url=None,
        lifespan=_lifespan,
    )
    engine = make_engine(settings.database_url)
    app.state.settings = settings
    app.state.engine = engine
    app.state.sessions = scanning_sessions(engine, settings.scanner)
    app.state.reading_sessions = reading_sessions(engine)
    app.state.search_index = SearchIndex(settings.home / "directory" / "search", app.state.sessions)
    app.state.views = ViewCounter(app.state.sessions)
    app.state.throttle = Throttle(settings.home / "directory" / "callers")
    app.state.directory_key = open_key(settings.directory_key_path)
    app.state.log_key = open_key(settings.log_key_path)
    add_handlers(app)
    app.add_middleware(Guard, render=answer, is_https=settings.is_https)
    app.router.routes.extend(routes())
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What runs beside the requests while the service does; stopping takes up what is still queued or counted."""
    key = app.state.log_key
    beside = (
        sequencer(app.state.sessions, key, log_origin(key.verifying)),  # entries into the log
        ender(app.state.sessions, app.state.directory_key),  # uses whose term is over
        holder(app.state.sessions),  # what matching compares
        reminder(app.state.sessions),
        reformer(app.state.sessions, app.state.directory_key),  # long acts on departments
        announcer(app.state.sessions),  # bulletins of days that are over
        Follower(app.state.search_index),
        keeper(app.state.sessions),  # statistics of months that are over
        folder(app.state.sessions),  # kept counts of terms
        app.state.views.writer(),  # how often entries were looked at
    )
    for each in beside:
        each.start()
    try:
        yield
    finally:
        for each in beside:
            each.stop()
        app.state.engine.dispose()
