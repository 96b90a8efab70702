"""What is left out for ordinary records of an import would never have found anything."""

from datetime import date

import pytest
from hypothesis import given, settings

from directory.resources.admit import admit_plain, is_plain
from metadata.formats.core_metadata_xml import read, write
from metadata.resource import Category, Party, Resource
from standards.errors import ExplainedError
from tests.strategies import RESOURCES

PLAIN = Resource(title="水文站点", provider=Party(name="示例市水利局"), abstract="站点的位置", keywords=("水文",))
TODAY = date(2026, 11, 22)


@settings(max_examples=150)
@given(RESOURCES)
def test_a_plain_record_reads_back_equal(record: Resource) -> None:
    if is_plain(record):
        assert read(write(record)) == record


@pytest.mark.parametrize(
    "changes",
    [
        {"abstract": "回车\r换行"},
        {"abstract": " 前面有空格"},
        {"title": "半个字\ud800"},
        {"keywords": ("水文", "")},
        {"keywords": ("长" * 201,)},
        {"data_grade": "控制字符\x85"},
        {"source_system": "后面有空格\u3000"},
        {"categories": (Category(name="不是字符\uffff"),)},
    ],
)
def test_what_is_out_of_the_ordinary_is_looked_at(changes: dict[str, object]) -> None:
    assert is_plain(PLAIN)
    assert is_plain(PLAIN.model_copy(update={"abstract": "长" * 5_000}))
    assert not is_plain(PLAIN.model_copy(update=changes))


def test_a_broken_record_is_refused_in_bulk_too() -> None:
    admit_plain(PLAIN, TODAY)
    with pytest.raises(ExplainedError) as secret:
        admit_plain(PLAIN.model_copy(update={"secrecy": "国家秘密"}), TODAY)
    assert secret.value.code == "RESOURCE_REFUSED"
    with pytest.raises(ExplainedError):
        admit_plain(PLAIN.model_copy(update={"data_grade": "不是字符\uffff"}), TODAY)
