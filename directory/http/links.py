"""Which answer names the thing that another operation is about: the links of the OpenAPI document.

One table: of each answer, where the ids are and by what parameter others take them. Every operation whose path is
complete with these is linked from every operation that answers so; a few take an id in their body. A program that reads
the document learns from it that what ``POST /requests`` answers is what ``POST /requests/{request_id}/transitions``
moves (OpenAPI 3.1, Link Object).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_PREFIX: Final = "/api/v1"
NAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "RequestView": {"request_id": "/id", "grant_id": "/grant_id"},
    "RequestList": {"request_id": "/items/0/id"},
    "Case": {"request_id": "/requests/0/id"},
    "GrantView": {"grant_id": "/grant_id", "request_id": "/request_id"},
    "UseLine": {"request_id": "/request_id"},
    "UseView": {"request_id": "/request_id"},
    "AskedRecords": {"request_id": "/items/0/request_id"},
    "Unused": {"request_id": "/items/0/request_id"},
    "RatingView": {"request_id": "/request_id"},
    "Worklist": {"request_id": "/items/0/id"},
    "SearchPage": {"ref": "/items/0/id"},
    "Talk": {"file_id": "/files/0/id"},
    "Paper": {"file_id": "/id"},
    "Consent": {"consent_id": "/id"},
    "ItemChangeView": {"request_id": "/request_id", "version": "/version"},
    "ServiceView": {"notice_id": "/id"},
    "OffersView": {"offer_id": "/filters/0/id"},
    "Written": {"ref": "/id", "version": "/version"},
    "Shown": {"ref": "/id", "version": "/version"},
    "CartLine": {"resource_id": "/resource_id"},
    "AssessmentView": {"number": "/number"},
    "DutyView": {"change_id": "/id"},
    "DutyLine": {"change_id": "/id"},
    "CorrectionView": {"correction_id": "/id"},
    "MatterLine": {"correction_id": "/id"},
    "ObjectionView": {"objection_id": "/id"},
    "ObjectionLine": {"objection_id": "/id"},
    "ComplaintView": {"complaint_id": "/id"},
    "ComplaintLine": {"complaint_id": "/id"},
    "DemandView": {"demand_id": "/id", "number": "/items/0/number"},
    "DemandLine": {"demand_id": "/id"},
    "OwedView": {"responsibility_id": "/id"},
    "OwedLine": {"responsibility_id": "/id"},
    "NegativeView": {"negative_id": "/id"},
    "CheckView": {"check_id": "/id"},
    "CheckLine": {"check_id": "/id"},
    "ServiceLine": {"notice_id": "/id"},
    "ImportView": {"import_id": "/id"},
    "ImportLine": {"import_id": "/id"},
    "ProposalShown": {"proposal_id": "/id"},
    "ProposalList": {"proposal_id": "/items/0/id"},
    "Bulletins": {"day": "/items/0/day"},
    "EntrustmentView": {"entrustment_id": "/id"},
    "SituationView": {"situation_id": "/id"},
    "LibraryLine": {"name": "/name"},
    "NodeRecord": {"node_id": "/node_id"},
    "OrganisationView": {"org_code": "/code"},
    "ReformView": {"reform_id": "/id"},
    "Someone": {"username": "/username"},
    "directory__delegations__queries__Delegation": {"delegation_id": "/id"},
    "NewlyMade": {"token_id": "/made/id"},
}
"""By the schema of an answer (of a line, where it is a list: its first is meant): the parameter, and where its value
stands."""

ASKED_ABOUT: Final = frozenset(
    {"/requests", "/corrections", "/objections", "/consents", "/services", "/offers/caps", "/offers"}
)
"""What is asked about an entry has its id as the body's ``resource``."""

_METHODS: Final = frozenset({"get", "put", "post", "delete", "patch"})
_ABOUT_ENTRIES: Final = ("Written", "Shown")


def add_links(document: dict[str, Any]) -> None:
    """Put the links into an OpenAPI document, each said once and referred to."""
    links: dict[str, Any] = document["components"].setdefault("links", {})
    operations = [
        (path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    ]
    for path, operation in operations:
        for status, response in operation["responses"].items():
            schema, line = _schema(response) if status.startswith("2") else ("", "")
            if schema not in NAMED:
                continue
            own = frozenset(_parameters(path))
            for name, link in _from(schema, line, own, operations):
                links[name] = link
                response.setdefault("links", {})[link["operationId"]] = {"$ref": f"#/components/links/{name}"}


def _from(
    schema: str, line: str, own: frozenset[str], operations: Sequence[tuple[str, Any]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The links of such an answer of an operation with these parameters of its own in its path, by name."""
    there = {name: f"$response.body#{line}{place}" for name, place in NAMED[schema].items()}
    for path, operation in operations:
        wanted, target = frozenset(_parameters(path)), operation["operationId"]
        if wanted & there.keys() and wanted <= there.keys() | own:
            asked = {name: f"$request.path.{name}" for name in sorted(wanted - there.keys())}  # the answer lacks them
            found = asked | {name: there[name] for name in sorted(wanted & there.keys())}
            yield (
                ".".join((schema, *(["first"] if line else []), *asked, target)),
                {"operationId": target, "parameters": found},
            )
        if schema in _ABOUT_ENTRIES and path.removeprefix(_PREFIX) in ASKED_ABOUT and "requestBody" in operation:
            yield f"{schema}.{target}", {"operationId": target, "requestBody": {"resource": there["ref"]}}


def _parameters(path: str) -> list[str]:
    return re.findall(r"\{(\w+)", path)


def _schema(answer: Mapping[str, Any]) -> tuple[str, str]:
    """The name of what is answered, or of a line of it with the place of its first; else empty."""
    schema: Mapping[str, Any] = answer.get("content", {}).get("application/json", {}).get("schema", {})
    is_list = "items" in schema
    return str((schema["items"] if is_list else schema).get("$ref", "")).rsplit("/", 1)[-1], "/0" if is_list else ""
