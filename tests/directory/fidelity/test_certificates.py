"""What its provider certifies of a route is kept once and shown to those it concerns; anything less is refused."""

import re
from html import unescape
from typing import Any

import pytest

from metadata.access import Grant
from metadata.fidelity import KIND, CertifiedColumn, FidelityCertificate
from metadata.reconciliation import KIND as RESULT
from metadata.reconciliation import Reconciliation
from metadata.signed import Signed
from tests.directory.reconciliations.test_reconciliations import result


@pytest.fixture(scope="module")
def granted(town: Any, conditional: Any, mount: Any) -> dict[str, Any]:
    resource = town.publish("低保信息", conditional(), mounts=(mount("di_bao"),))
    agreed = town.agreed(resource)
    assert town.countersign(agreed["grant_id"]).status_code == 200
    return {"resource": resource, **town.grant(agreed["grant_id"])}


def proof(town: Any, grant: Any, signers: tuple[str, ...] = ("provider", "requester"), **changes: Any) -> Signed:
    return Signed.sign(RESULT, result(town, grant, **changes), *(town.nodes[name].identity for name in signers))


def certificate(town: Any, granted: Any, proved: Signed, **changes: Any) -> FidelityCertificate:
    said = Reconciliation.from_bytes(proved.payload_bytes())
    grant = Grant.from_bytes(Signed.model_validate(granted["grant"]).payload_bytes())
    made = FidelityCertificate(
        resource_identifier=grant.resource_identifier,
        resource_code=grant.resource_code,
        resource_version=grant.resource_version,
        grant_id=grant.grant_id,
        grant_digest=granted["digest"],
        route_id=grant.route_id,
        seq=said.seq,
        provider_node_id=said.provider_node_id,
        consumer_node_id=said.consumer_node_id,
        schema_digest="c" * 64,
        columns=tuple(
            CertifiedColumn(field=each.field, column=each.column, sql_type=each.sql_type, carried="binary")
            for each in grant.columns
        ),
        rows=said.provider_rows,
        compared_at=said.at,
        proof=proved,
    )
    return made.model_copy(update=changes)


def bring(town: Any, by: str, made: FidelityCertificate, signer: str = "provider") -> dict[str, Any]:
    node = town.nodes[by]
    signed = Signed.sign(KIND, made, town.nodes[signer].identity).model_dump(mode="json")
    return dict(node.call("POST", f"/api/v1/nodes/{node.name}/certificates", [signed]).json())


def test_kept_once_and_shown_to_those_it_concerns(town: Any, granted: Any) -> None:
    made = certificate(town, granted, proof(town, granted))
    assert bring(town, "provider", made) == {"accepted": 1}
    assert bring(town, "provider", made) == {"accepted": 0}
    address = f"/resources/{granted['resource']}"
    told = {}
    for who in ("editor", "clerk", "outside_clerk"):
        text = unescape(town.people[who].client.get(address, headers={"Accept": "text/html"}).text)
        told[who] = re.sub(r"<[^>]+>", " ", text)
        answer = town.people[who].client.get(f"/api/v1{address}/certificates").json()
        assert [Signed.model_validate(each).payload_bytes() for each in answer] == (
            [] if who == "outside_clerk" else [made.to_bytes()]
        )
    for who in ("editor", "clerk"):
        assert "4 列、10 行逐值一致" in told[who], who
    assert ("源列" in told["editor"], "源列" in told["clerk"]) == (True, False)
    assert "保真证书" not in told["outside_clerk"]


@pytest.mark.parametrize(
    ("by", "signer", "changes", "code"),
    [
        ("provider", "requester", {}, "SIGNATURE_BAD"),
        ("requester", "provider", {}, "NOT_AN_END"),
        ("requester", "requester", {}, "NOT_AN_END"),
        ("relay", "provider", {}, "NOT_AN_END"),
        ("provider", "provider", {"route_id": "r-unknown"}, "ROUTE_UNKNOWN"),
        ("provider", "provider", {"grant_id": "g-unknown"}, "GRANT_NOT_FOUND"),
        ("provider", "provider", {"resource_version": 7}, "CERTIFICATE_BAD"),
        ("provider", "provider", {"resource_identifier": "11000/1"}, "CERTIFICATE_BAD"),
        ("provider", "provider", {"grant_digest": "d" * 64}, "CERTIFICATE_BAD"),
        ("provider", "provider", {"rows": 11}, "CERTIFICATE_BAD"),
        ("provider", "provider", {"seq": 2}, "CERTIFICATE_BAD"),
    ],
)
def test_refused(town: Any, granted: Any, by: str, signer: str, changes: dict[str, Any], code: str) -> None:
    made = certificate(town, granted, proof(town, granted), **changes)
    assert bring(town, by, made, signer)["code"] == code


def test_a_column_that_was_not_granted_is_refused(town: Any, granted: Any) -> None:
    made = certificate(town, granted, proof(town, granted))
    more = CertifiedColumn(field="secret", column="secret", sql_type="text", carried="text")
    assert bring(town, "provider", made.model_copy(update={"columns": (*made.columns, more)}))["code"] == (
        "CERTIFICATE_BAD"
    )


@pytest.mark.parametrize(
    ("signers", "changes", "code"),
    [
        (("provider",), {}, "SIGNATURE_BAD"),
        (("requester",), {}, "SIGNATURE_BAD"),
        (("provider", "requester"), {"grant_id": "g-other"}, "CERTIFICATE_BAD"),
        (("provider", "requester"), {"route_id": "r-other"}, "CERTIFICATE_BAD"),
        (
            ("provider", "requester"),
            {"consumer_digest": "e" * 64, "outcome": "differs", "different": 1},
            "CERTIFICATE_BAD",
        ),
    ],
)
def test_a_proof_that_proves_nothing_is_refused(
    town: Any, granted: Any, signers: tuple[str, ...], changes: dict[str, Any], code: str
) -> None:
    made = certificate(town, granted, proof(town, granted, signers, **changes))
    assert bring(town, "provider", made)["code"] == code
