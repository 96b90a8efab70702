"""Codes about work orders."""

from standards.errors import Explanation

ORDERS = {
    "ORDER_FOREIGN": Explanation(
        zh="工单是发给节点 {node_id} 的",
        en="the work order is for node {node_id}",
        next_step="无须处理；只有所列节点办理。",
        status=403,
    ),
    "ORDER_UNKNOWN": Explanation(
        zh="本节点不认识工单事项 {action}",
        en="this node knows no procedure {action}",
        next_step="升级本节点后由信息办重新下达。",
        status=422,
    ),
    "ORDER_ARGUMENT": Explanation(
        zh="工单的参数 {name} 缺失或不合要求",
        en="the work order's argument {name} is missing or does not fit",
        next_step="由信息办改正后重新下达。",
        status=422,
    ),
    "KEY_YOUNG": Explanation(
        zh="现用的密钥 {since} 才启用，工单不换用不足 {days} 天的密钥",
        en="the key in use is of {since}: an order replaces none younger than {days} days",
        next_step="确有必要（如疑似泄露），由本部门运维在节点上运行 hutong node rotate。",
        status=409,
    ),
    "ORDER_EXPIRED": Explanation(
        zh="工单已于 {expires_at} 过期，没有办理",
        en="the work order expired at {expires_at} and was not carried out",
        next_step="仍需办理的，由信息办重新下达。",
        status=410,
    ),
    "ORDER_INTERRUPTED": Explanation(
        zh="工单办理中节点中断，不知办到哪一步；不会再办",
        en="the node stopped while it carried out the work order; it is not begun again",
        next_step="查看批次现状；仍需办理的，由信息办重新下达。",
        status=500,
    ),
}
