"""Codes about the sealed batch as bytes (exchange/docs/sealed-batch.md)."""

from standards.errors import Explanation

ENVELOPE = {
    "NOT_A_BATCH": Explanation(
        zh="这不是封装批次文件",
        en="this is not a sealed batch",
        next_step="核对文件来源；封装批次以 hutong-batch-1 开头。",
    ),
    "HEADER_BAD": Explanation(
        zh="批次头不合规：{reason}",
        en="the batch's header is not well-formed: {reason}",
        next_step="保留原文件，通知提供部门重新封装。",
    ),
    "HEADER_MISMATCH": Explanation(
        zh="批次头的 {field} 与应收批次不符",
        en="the header's {field} is not that of the expected batch",
        next_step="保留原文件并按安全事件处理：批次可能被调换或重放。",
        status=409,
    ),
    "SUITE_UNKNOWN": Explanation(
        zh="不认识的密码套件 {suite}",
        en="unknown cipher suite {suite}",
        next_step="升级本节点，或请提供部门改用双方都支持的套件。",
    ),
    "SUITE_TOO_LOW": Explanation(
        zh="密码套件 {suite} 低于本路由要求的 {minimum}",
        en="cipher suite {suite} is below the route's minimum {minimum}",
        next_step="请提供部门按路由要求的套件重新封装。",
    ),
    "SIGNER_OTHER": Explanation(
        zh="批次由密钥 {found} 签名，应为 {expected}",
        en="the batch is signed by key {found}, expected {expected}",
        next_step="核对提供部门登记的签名密钥；若未更换过密钥，按安全事件处理。",
        status=401,
    ),
    "SIG_BAD": Explanation(
        zh="批次签名不成立：内容在封装后被改动",
        en="the batch's signature does not hold: it was altered after sealing",
        next_step="保留原文件，重新取回一次；仍不成立则通知提供部门并按安全事件处理。",
        status=401,
    ),
    "TRUNCATED": Explanation(
        zh="批次不完整，在第 {offset} 字节处中断",
        en="the batch ends early, at byte {offset}",
        next_step="重新取回该批次。",
    ),
    "TRAILING_BYTES": Explanation(
        zh="批次末尾有多余字节",
        en="there are bytes after the batch's end",
        next_step="重新取回该批次；仍有多余字节则通知提供部门。",
    ),
    "CHUNK_BAD": Explanation(
        zh="第 {number} 块不合规：{reason}",
        en="chunk {number} is not well-formed: {reason}",
        next_step="保留原文件，通知提供部门重新封装。",
    ),
    "AEAD_TAG": Explanation(
        zh="第 {number} 块的认证标签不符：被改动、调换或移位",
        en="chunk {number}'s tag does not fit: altered, swapped or moved",
        next_step="保留原文件，重新取回一次；仍不符则通知提供部门并按安全事件处理。",
    ),
    "NO_FINAL_CHUNK": Explanation(
        zh="缺少末块，批次不完整",
        en="the final chunk is missing, the batch is not complete",
        next_step="保留原文件，通知提供部门重新封装。",
    ),
    "CHUNK_AFTER_FINAL": Explanation(
        zh="末块（第 {number} 块）之后还有数据块",
        en="chunks follow the final one, number {number}",
        next_step="保留原文件，通知提供部门重新封装。",
    ),
    "NOT_A_RECIPIENT": Explanation(
        zh="本节点的密钥不在批次的收件人之列",
        en="none of this node's keys is a recipient of the batch",
        next_step="请提供部门按本节点现行密钥重新封装。",
        status=403,
    ),
    "CONTENT_KEY_BAD": Explanation(
        zh="打不开批次的内容密钥（收件密钥 {key_id}）",
        en="the batch's content key cannot be unwrapped with recipient key {key_id}",
        next_step="核对本节点的解密密钥；无误则通知提供部门重新封装。",
    ),
    "TRAILER_BAD": Explanation(
        zh="批次尾记录不合规：{reason}",
        en="the batch's trailer is not well-formed: {reason}",
        next_step="保留原文件，通知提供部门重新封装。",
    ),
    "TRAILER_TOO_LARGE": Explanation(
        zh="单列的行太多（{count} 行，上限 {limit}），不能写入批次尾记录",
        en="too many rows set aside for one trailer ({count}, limit {limit})",
        next_step="先在源端改正数据，再重新封装。",
    ),
    "PLAIN_SIZE": Explanation(
        zh="解出的字节数为 {found}，尾记录所载为 {expected}",
        en="{found} bytes were opened, the trailer says {expected}",
        next_step="保留原文件，通知提供部门重新封装。",
    ),
    "ROWS_DIGEST": Explanation(
        zh="解出的数据与尾记录的带密钥摘要不符",
        en="the opened data do not match the trailer's keyed digest",
        next_step="保留原文件，通知提供部门重新封装。",
    ),
    "DIGEST": Explanation(
        zh="文件在验签之后发生变化",
        en="the file has changed since it was verified",
        next_step="检查存放批次的磁盘与目录权限，重新取回并验签。",
    ),
}
