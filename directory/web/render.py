"""Render a page: the template, what every page needs, and the form's CSRF token."""

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from directory.actors import CSRF_FIELD, csrf_secret, csrf_token

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)


def page(request: Request, template: str, **context: Any) -> HTMLResponse:
    """The template filled in; everything in ``context`` is escaped."""
    field = Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, csrf_token(csrf_secret(request)))
    body = _ENVIRONMENT.get_template(template).render(
        city_name=request.app.state.settings.city_name, csrf_field=field, **context
    )
    return HTMLResponse(body)
