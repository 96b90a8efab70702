"""The entries and queries of the search benchmark, from a seed: real titles put together anew, the rest made up.

Titles come from the real catalogues in ``../shared/data/catalogue`` where that folder is, else from a short list, and
the result says which. The same seed gives the same entries and the same 200 queries everywhere.
"""

import csv
import hashlib
import io
import lzma
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

CATALOGUES = Path(__file__).parents[2] / "shared" / "data" / "catalogue"
_SOURCES = (
    ("cn_guangxi_open_data_catalogue_2021.csv.xz", "资源名称"),
    ("cn_statistical_yearbook_tables_a.csv.xz", "统计表名称"),
    ("tw_national_dataset_list_2018.csv.xz", "資料集名稱"),
)
_PLAIN_TITLES = (
    "企业登记信息",
    "人口基本信息",
    "道路运输证",
    "行政许可信息",
    "A级景区名录",
    "2019年人口统计年鉴",
    "公共厕所位置",
)
_ITEMS = (
    "姓名",
    "公民身份号码",
    "企业名称",
    "统一社会信用代码",
    "登记日期",
    "注册资本",
    "地址",
    "许可证编号",
    "有效期",
    "状态",
)
_FORMATS = ("xls", "csv", "xml", "json", "mysql", "pdf")
_THEMES = ("经济管理/统计", "城乡建设、环境保护/环境监测", "交通/公路", "民政、社区/社会救助", "卫生、体育/医疗卫生")
_ABSTRACTS = (
    "包括名称、地址和登记时间等数据项",
    "按月更新的汇总数据，供各部门业务协同使用",
    "由业务系统产生的明细信息",
)
ORGANISATIONS = 150
SHARE_TYPES = ("unconditional", "conditional", "none")
LIBRARIES = (None, None, "population", "legal_person", "geospatial", "statistics")
CYCLES = ("daily", "weekly", "monthly", "yearly", "irregular")
MAS = 3_600_000


class Entry(NamedTuple):
    """One published entry, as plain values; ``box`` is west, south, east, north in thousandths of an arc second."""

    id: str
    identifier: str
    code: str
    organisation: int
    title: str
    abstract: str
    keywords: tuple[str, ...]
    theme: str
    formats: tuple[str, ...]
    items: tuple[str, ...]
    share_type: str
    library: str | None
    cycle: str
    region: str
    box: tuple[int, int, int, int] | None
    updated_on: date

    def texts(self) -> Iterator[str]:
        """Everything it can be found by, value by value."""
        yield from (self.title, self.identifier, self.code, "307001", self.theme, self.abstract)
        yield from (*self.keywords, *self.formats, organisation_name(self.organisation))
        for place, name in enumerate(self.items):
            yield from (name, f"f{place}")


@dataclass(frozen=True)
class Asked:
    """One query: its class, the words, the box in degrees, and how many entries to pass over."""

    kind: str
    words: str = ""
    box: tuple[float, float, float, float] | None = None
    offset: int = 0


def organisation_name(number: int) -> str:
    """A department's name."""
    return f"基准市第{number}局"


def titles() -> tuple[Sequence[str], str]:
    """The titles that entries are made of, and where they are from."""
    if not CATALOGUES.is_dir():
        return _PLAIN_TITLES, "a short list of its own"
    found = [title for name, column in _SOURCES for title in _column(CATALOGUES / name, column)]
    return [title for title in dict.fromkeys(map(str.strip, found)) if len(title) > 2], "real catalogues"


def entries(count: int, seed: int) -> Iterator[Entry]:
    """So many entries; the same for the same seed."""
    chance, known = random.Random(seed), titles()[0]
    first = date(2020, 1, 1)
    for number in range(count):
        title = chance.choice(known)
        if chance.random() < 0.5:
            title += f"{chance.randrange(2000, 2026)}年"
        organisation = chance.randrange(ORGANISATIONS)
        west, south = chance.randrange(104 * MAS, 112 * MAS), chance.randrange(21 * MAS, 26 * MAS)
        box = (west, south, west + chance.randrange(MAS // 2), south + chance.randrange(MAS // 2))
        yield Entry(
            id=str(UUID(int=chance.getrandbits(128), version=4)),
            identifier=f"{33000 + organisation}/{number:011d}",
            code=f"307001/{number:06d}",
            organisation=organisation,
            title=title,
            abstract=f"{title}，{chance.choice(_ABSTRACTS)}",
            keywords=(chance.choice(known)[:4], chance.choice(known)[:4]),
            theme=chance.choice(_THEMES),
            formats=tuple(chance.sample(_FORMATS, chance.choice((1, 1, 1, 2)))),
            items=tuple(chance.sample(_ITEMS, 5)),
            share_type=chance.choice(SHARE_TYPES),
            library=chance.choice(LIBRARIES),
            cycle=chance.choice(CYCLES),
            region=f"45{chance.randrange(1, 15):02d}{chance.randrange(12):02d}",
            box=box if chance.random() < 0.5 else None,
            updated_on=first + timedelta(days=chance.randrange(2400)),
        )


def queries(count: int, seed: int) -> list[Asked]:
    """The 200 queries by class; ``count`` entries were made, so that codes and deep pages exist."""
    chance, known = random.Random(seed + 1), titles()[0]

    def piece(least: int, most: int) -> str:
        title = chance.choice(known)
        length = min(len(title), chance.randint(least, most))
        start = chance.randrange(len(title) - length + 1)
        return title[start : start + length].strip() or title

    made = [Asked("two characters", piece(2, 2)) for _ in range(40)]
    made += [Asked("phrase", piece(3, 6)) for _ in range(50)]
    made += [Asked("whole title", chance.choice(known)[:200]) for _ in range(40)]
    made += [Asked("code", f"{number:011d}") for number in chance.sample(range(count), 20)]
    made += [Asked("mixed", f"{chance.choice(('人口', '企业', 'A级', '统计'))} {year}年") for year in range(2003, 2023)]
    made += [
        Asked("matches most", word) for word in ("数据", "信息", "年", "f1", "名称", "xls", "基准市", "统计", "局", "3")
    ]
    made += [Asked("none", f"碳排放核查{number}号") for number in range(7)]
    for number in range(8):
        west, south = 105 + number * 0.7, 21.5 + number * 0.4
        made.append(Asked("box", chance.choice(("", "信息", "统计")), (west, south, west + 0.5, south + 0.5)))
    made += [Asked("deep page", word, offset=count // 100) for word in ("数据", "信息", "年", "统计", "")]
    chance.shuffle(made)
    return made


def checksum(made: Iterator[Entry]) -> str:
    """The entries' fingerprint, to be published with the numbers."""
    seen = hashlib.sha256()
    for entry in made:
        seen.update(repr(tuple(entry)).encode())
    return seen.hexdigest()[:16]


def _column(path: Path, name: str) -> list[str]:
    text = lzma.decompress(path.read_bytes()).decode("utf-8-sig")
    return [row[name] for row in csv.DictReader(io.StringIO(text))]
