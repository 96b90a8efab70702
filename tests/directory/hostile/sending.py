"""Sending what Schemathesis made up to the application in this process, and the checks of what comes back."""

from typing import Any, Final

import requests
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS: Final = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
_SENT = ("method", "url", "params", "headers", "json", "data", "files")
_ABOUT_THE_CALLER = ("authorization", "cookie")


def send(client: Any, case: Any) -> Any:
    """Send it as this person; the generator's own ideas of who is calling are dropped."""
    sent = case.as_transport_kwargs(base_url="http://testserver")
    prepared = requests.Request(**{name: sent.get(name) for name in _SENT}).prepare()
    headers = {name: value for name, value in prepared.headers.items() if name.lower() not in _ABOUT_THE_CALLER}
    return client.request(prepared.method, prepared.url, content=prepared.body, headers=headers)
