"""What tables granted together say of each other, and that those alone have the bytes they always had."""

from datetime import UTC, date, datetime

import pytest

from metadata.access import Grant, GrantEnd
from metadata.errors import MetadataError
from metadata.exchange import InstantMember, Manifest, Segment
from metadata.resource import Item, MountColumn

END = GrantEnd(org_code="A", org_name="甲局", node_id="jia", identity_key_id="k1")
ALONE = Grant(
    grant_id="g-1",
    route_id="r-1",
    request_id="q-1",
    resource_identifier="33001/1",
    resource_code="",
    resource_title="企业",
    resource_version=1,
    mount_id="m1",
    table="company",
    columns=(MountColumn(field="bm", column="bm", sql_type="text"),),
    items=(Item(name="编码", field="bm"),),
    provider=END,
    consumer=END,
    target_table="company",
    purpose="核验",
    basis="某法",
    valid_from=date(2026, 1, 1),
    valid_until=date(2027, 1, 1),
    provide_by_on=date(2026, 2, 1),
    issued_at=datetime(2026, 1, 1, tzinfo=UTC),
)
SEALED = Manifest(
    route_id="r-1",
    seq=4,
    previous_digest="",
    grant_id="g-1",
    suite=1,
    digest="1" * 64,
    size_bytes=1,
    segments=(Segment(digest="1" * 64, size_bytes=1),),
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
)
OWN, OTHER = (InstantMember(route_id=f"r-{n}", seq=4, digest=str(n) * 64) for n in (1, 2))


def test_what_stands_alone_has_the_bytes_it_always_had() -> None:
    assert b"snapshot_group" not in ALONE.to_bytes()
    assert b"box_mas" not in ALONE.to_bytes()
    assert b"instant" not in SEALED.to_bytes()
    changes: list[dict[str, object]] = [
        {},
        {"snapshot_group": ("r-1", "r-2")},
        {"box_mas": (0, 0, 3_600_000, 3_600_000)},
    ]
    for record in (ALONE.model_copy(update=change) for change in changes):
        assert Grant.from_bytes(record.to_bytes()) == record
    for announced in (SEALED, SEALED.model_copy(update={"instant": (OWN, OTHER)})):
        assert Manifest.from_bytes(announced.to_bytes()) == announced


@pytest.mark.parametrize("group", [("r-1",), ("r-2", "r-3"), ("r-2", "r-1"), ("r-1", "r-1", "r-2")])
def test_a_group_is_of_several_this_one_among_them_in_order(group: tuple[str, ...]) -> None:
    with pytest.raises(MetadataError):
        Grant.from_bytes(ALONE.model_copy(update={"snapshot_group": group}).to_bytes())


@pytest.mark.parametrize(
    "members", [(OWN,), (OTHER,), (OTHER, OWN), (OWN.model_copy(update={"seq": 5}), OTHER), (OWN, OWN, OTHER)]
)
def test_an_instant_is_of_several_batches_this_one_among_them_in_order(members: tuple[InstantMember, ...]) -> None:
    with pytest.raises(MetadataError):
        Manifest.from_bytes(SEALED.model_copy(update={"instant": members}).to_bytes())
