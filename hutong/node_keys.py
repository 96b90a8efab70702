"""``hutong node keys`` and ``rotate``: a node's keys over time."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from exchange.keys import rotate as rotating
from exchange.peers import sync
from hutong.console import emit, minute, say
from hutong.local_nodes import open_node
from hutong.node_choice import NodeArgument, NodeName, chosen
from metadata.keys import Purpose, grouped

AsJson = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象。")]

_PURPOSES = {"identity": "身份", "decryption": "解密"}


class KeyKind(StrEnum):
    """What a key is for."""

    IDENTITY = "identity"
    DECRYPTION = "decryption"


def keys(name: NodeArgument = "", node: NodeName = "", as_json: AsJson = False) -> None:
    """本节点的密钥：指纹（四位一组，供当面或电话核对）、用途、套件、起止时间、私钥是否还在本机。"""
    with open_node(chosen(name, node)) as opened:
        held = rotating.keys(opened)
    if as_json:
        emit({"keys": [vars(each.key) | {"is_here": each.is_here} for each in held]})
        return
    for each in held:
        key = each.key
        period = f"{_minute(key.since) or '注册时'} 至 {_minute(key.until) or '今'}"
        state = "私钥在本机" if each.is_here else "私钥不在本机"
        say(f"{grouped(key.key_id)}\t{_PURPOSES[key.purpose]}\t0x{key.suite:02x}\t{period}\t{state}")


def rotate(
    name: NodeArgument = "",
    node: NodeName = "",
    purpose: Annotated[KeyKind, typer.Option(help="换哪一把：身份密钥（签名用）或解密密钥。")] = KeyKind.DECRYPTION,
    suite: Annotated[int, typer.Option(help="哪个套件的密钥：1，或 2（国密）。", min=1, max=2)] = 1,
    overlap_days: Annotated[int, typer.Option(help="新旧并用的天数；旧钥疑似泄露时用 0。", min=0, max=90)] = 14,
    as_json: AsJson = False,
) -> None:
    """换用新密钥：先写好新钥，再由旧钥签名告知目录。中断后再次运行即接着做；旧解密钥期满且无批次需要时自动销毁。"""
    wanted: Purpose = "identity" if purpose is KeyKind.IDENTITY else "decryption"
    with open_node(chosen(name, node)) as opened:
        key = rotating.rotate(opened, wanted, suite, timedelta(days=overlap_days))
        sync.sync(opened)
    if as_json:
        emit(vars(key))
    else:
        say(f"现用{_PURPOSES[key.purpose]}密钥（0x{key.suite:02x}）：{grouped(key.key_id)}")


def _minute(instant: datetime | None) -> str:
    return "" if instant is None else minute(instant)
