"""What the command line says of an import: only ways that lead somewhere."""

from dataclasses import replace

import pytest

from directory.resources.importing import ImportReport, Refused
from hutong.catalogue_report import describe

CELL = Refused("目录!D3", "周期写错", "IMPORT_CELLS_BROKEN", "有 1 处单元格须先改")
KNOWN = replace(CELL, is_known=True)
OTHER = Refused("第 4 行", "冒用", "CODE_BAD", "代码不合要求")


@pytest.mark.parametrize(
    ("added", "refused", "said"),
    [
        (2, OTHER, "届时将全部不导入；只要没有问题的加 --only-good"),
        (1, CELL, "届时将全部不导入；只要没有问题的加 --only-good；不能采用的单元格留空加 --without-broken"),
        (0, CELL, "届时将全部不导入；不能采用的单元格留空加 --without-broken"),
        (
            0,
            KNOWN,
            "届时将全部不导入；不能采用的单元格留空（1 条已有目录保留原有）加 --without-broken",
        ),
        (0, OTHER, "届时将全部不导入"),
    ],
)
def test_a_trial_names_what_would_help(
    added: int, refused: Refused, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    describe(ImportReport(is_dry_run=True, rows=3, added=added, refused=[refused]), is_written=False)
    assert said in capsys.readouterr().out.splitlines()
