"""What the OpenAPI document says of every route alike: a refusal is one problem (RFC 9457), whatever refuses."""

from typing import Annotated, Any, Final

from fastapi import FastAPI
from pydantic import BaseModel, Field

from directory.http.links import add_links

PROBLEM: Final = "application/problem+json"

_PROBLEM_BODY: Final = {"content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
# In place of FastAPI's own 422, which none of our handlers answers with.
REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    "4XX": {"description": "Refused; nothing was changed"} | _PROBLEM_BODY,
    "5XX": {"description": "Busy, away or broken; nothing was changed"} | _PROBLEM_BODY,
}


class Problem(BaseModel):
    """A refusal (RFC 9457). ``code`` is stable; ``detail`` and ``next_step`` are for people, and may be reworded."""

    type: Annotated[str, Field(pattern="^urn:hutong:problem:[A-Z0-9_]+$")]
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    detail_en: str
    code: Annotated[str, Field(pattern="^[A-Z0-9_]+$")]
    next_step: str
    findings: Annotated[list[dict[str, Any]], Field(description="what is wrong, place by place; the first 200")] = []
    findings_more: Annotated[int, Field(ge=0, description="how many more there are")] = 0


class DocumentedApp(FastAPI):
    """The application, whose document has the schema that ``REFUSALS`` refer to, and says what leads on to what."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
            add_links(document)
        return super().openapi()
