"""The process: ``serve`` for one, or ``uvicorn directory.serve:app --factory --workers N`` for several."""

import uvicorn
from fastapi import FastAPI

from directory.app import create_app
from directory.logs import configure_logs
from directory.settings import DirectorySettings, default_home


def app() -> FastAPI:
    """The application with settings from the environment."""
    configure_logs()
    return create_app(DirectorySettings.model_validate({"home": default_home()}))


def serve(settings: DirectorySettings, host: str, port: int) -> None:
    """Serve in this process until it is told to stop."""
    configure_logs()
    uvicorn.run(create_app(settings), host=host, port=port, log_config=None, access_log=False, server_header=False)
