"""Errors as answers: RFC 9457 problems for programs, the same words on a page for people."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from directory.accounts.kept import kept_from
from directory.accounts.pages import login_page
from directory.errors import DirectoryError
from directory.http.guard import BodyTooLarge
from directory.http.malformed import expected, expected_en
from directory.http.openapi import PROBLEM
from directory.limits import LIMITS
from directory.web.refused import refused_form
from directory.web.render import page
from standards.errors import ExplainedError
from standards.findings import Finding

_MAX_FINDINGS = 200


def add_handlers(app: FastAPI) -> None:
    """Register the handlers; each is one shape of refusal, all end in ``answer``."""
    app.add_exception_handler(ExplainedError, _explained)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)


def answer(request: Request, error: ExplainedError) -> Response:
    """The error as this caller reads it. A page that needs a sign-in leads there and back, with what was typed."""
    body = error.problem()
    findings = error.values.get("findings")
    if isinstance(findings, list):
        told = [
            each.model_dump(mode="json") if isinstance(each, Finding) else each for each in findings[:_MAX_FINDINGS]
        ]
        more = error.values.get("findings_more")  # those that were not even put into words
        body |= {"findings": told, "findings_more": len(findings) - len(told) + (more if isinstance(more, int) else 0)}
    headers = _headers(error)
    if not _wants_page(request):
        return JSONResponse(body, status_code=error.status, media_type=PROBLEM, headers=headers)
    kept = kept_from(request) if error.code == "UNAUTHENTICATED" else None
    if kept:
        return login_page(request, next=_address(request), kept=kept, status=error.status)
    if error.code == "UNAUTHENTICATED":
        back = _address(request) if request.method == "GET" else "/"
        return RedirectResponse(f"/login?next={quote(back)}", status_code=303)
    if error.code == "PASSWORD_ONE_TIME":
        return RedirectResponse("/password", status_code=303)
    response = page(request, "error.html", status_code=error.status, problem=body)
    response.headers.update(headers)
    return response


def _headers(error: ExplainedError) -> dict[str, str]:
    if error.code == "LOGIN_LOCKED":
        return {"Retry-After": str(LIMITS.login_pause_seconds)}
    if "wait_seconds" in error.values:
        return {"Retry-After": str(error.values["wait_seconds"])}
    if error.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": "5"} if error.is_transient else {}


def _wants_page(request: Request) -> bool:
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


def _address(request: Request) -> str:
    """With what it asks: a form's says which text its writer had before them."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _explained(request: Request, error: Exception) -> Response:
    assert isinstance(error, ExplainedError)
    return answer(request, error)


def _malformed(request: Request, error: Exception) -> Response:
    """Names of fields and rules only: what was sent may be personal."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if _wants_page(request) and any(each["loc"][0] == "path" for each in found):
        return answer(request, DirectoryError("NOT_FOUND", path=request.url.path[:200]))  # an address typed wrong
    again = refused_form(request, found) if _wants_page(request) else None
    if again is not None:
        return again
    findings, more = [_finding(each) for each in found[:_MAX_FINDINGS]], max(0, len(found) - _MAX_FINDINGS)
    fields = [each["path"] for each in findings[:5]]
    if len(found) > 5:
        fields.append(f"… ({len(found)})")
    return answer(request, DirectoryError("INPUT_MALFORMED", fields=fields, findings=findings, findings_more=more))


def _finding(error: Mapping[str, Any]) -> dict[str, str]:
    where = () if error["type"] == "json_invalid" else error["loc"][1:]  # it says at which character, which is no field
    return {
        "path": ".".join(str(part)[:64] for part in where) or str(error["loc"][0]),
        "rule": error["type"],
        "zh": expected(error) or "不符合要求",
        "en": expected_en(error) or "something else",
    }


def _http(request: Request, error: Exception) -> Response:
    """What Starlette and FastAPI raise by themselves, in our words."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return answer(request, DirectoryError("NOT_FOUND", path=request.url.path[:200]))
    if error.status_code == 405:
        return answer(request, DirectoryError("METHOD_NOT_ALLOWED", method=request.method))
    if isinstance(error, BodyTooLarge):
        return answer(request, DirectoryError("BODY_TOO_LARGE", limit_bytes=error.limit_bytes))
    return answer(request, DirectoryError("INPUT_MALFORMED", fields="body"))
