"""Errors of records and their formats."""

from collections.abc import Mapping
from typing import ClassVar

from standards.errors import ExplainedError, Explanation


class MetadataError(ExplainedError):
    """A record, signature or file of ours or others' that cannot be taken."""

    explanations: ClassVar[Mapping[str, Explanation]] = {
        "RECORD_UNREADABLE": Explanation(
            zh="读不出一份 {kind} 记录：{reason}",
            en="not a readable {kind} record: {reason}",
            next_step="核对所列字段后重新提交。",
        ),
        "SIGNATURE_BAD": Explanation(
            zh="{kind} 的签名不成立：{reason}",
            en="the signature on {kind} does not hold: {reason}",
            next_step="核对签名方登记的密钥；若未更换过密钥，按安全事件处理。",
            status=401,
        ),
        "IDENTIFIER_INVALID": Explanation(
            zh="“{value}”不是合规的{kind}",
            en="{value!r} is not a valid {kind}",
            next_step="标识符形如 11000/A00034VG345，资源代码形如 303021070100/000003。",
        ),
        "XML_NOT_METADATA": Explanation(
            zh="根元素是 {{{namespace}}}{name}，不是可读的元数据",
            en="the root element is {{{namespace}}}{name}, not metadata that can be read",
            next_step="可导入核心元数据 Metadata、oai_dc:dc、gmd 或 mdb 的 MD_Metadata、rdf:RDF，"
            "和装着这些记录的 CSW、OAI-PMH 应答。",
        ),
        "XML_NO_RECORDS": Explanation(
            zh="这是目录服务的应答 {name}，里面没有可读的元数据记录",
            en="the answer {name} of a catalogue service holds no record that can be read",
            next_step="请对方查询时要完整记录（ElementSetName=full），格式用 csw:Record、gmd:MD_Metadata 或 oai_dc。",
        ),
        "XML_INVALID": Explanation(
            zh="核心元数据文件不符合架构：{reason}",
            en="the core metadata document breaks its schema: {reason}",
            next_step="按所列位置改正后重新导入。",
        ),
        "RDF_UNREADABLE": Explanation(
            zh="读不出这份 {form} 文件：{reason}",
            en="not a readable {form} file: {reason}",
            next_step="用 RDF 工具检查语法后重新导入。",
        ),
        "RDF_REMOTE_CONTEXT": Explanation(
            zh="JSON-LD 引用了外部上下文 {address}，系统不读取文件以外的内容",
            en="the JSON-LD refers to a context at {address}; nothing outside the file is fetched",
            next_step="把上下文展开写进文件（expand），或改用 Turtle。",
        ),
        "RDF_EMPTY": Explanation(
            zh="文件里没有 dcat:Dataset",
            en="there is no dcat:Dataset in the {form} file",
            next_step="导入 DCAT 目录文件；表格样的 JSON 请另存为 xlsx 或 csv 后再导入。",
        ),
        "RDF_INCOMPLETE": Explanation(
            zh="数据集 {dataset} 没有{lacks}",
            en="the dataset {dataset} lacks what an entry needs",
            next_step="补上后重新导入；缺发布单位时可在导入时指定提供部门。",
        ),
        "RDF_TEXT_FORBIDDEN": Explanation(
            zh="文字“{text}”里有 RDF/XML 不能原样保存的字符",
            en="the text {text!r} holds a character that RDF/XML cannot carry unchanged",
            next_step="改用 Turtle 或 JSON-LD 导出，或删除该字符。",
        ),
        "METADATA_INCOMPLETE": Explanation(
            zh="{form} 文件没有{lacks}",
            en="the {form} document lacks what an entry needs",
            next_step="补上后重新导入；缺发布单位时可在导入时指定提供部门。",
        ),
        "KEY_CHANGE_BAD": Explanation(
            zh="换用密钥的声明不成立：{reason}",
            en="the change of key does not hold: {reason}",
            next_step="核对该节点的密钥沿革；若密钥可能已泄露，注销该节点并重新注册。",
            status=409,
        ),
        "FILE_EMPTY": Explanation(
            zh="文件 {name} 是空的",
            en="the file {name} is empty",
            next_step="重新导出该文件后再导入。",
        ),
        "FILE_NOT_WORKBOOK": Explanation(
            zh="{name} 不是可读的 {format} 文件：{reason}",
            en="{name} is not a readable {format} file: {reason}",
            next_step="用表格软件打开并另存为 xlsx 后再导入。",
        ),
        "FILE_TOO_LARGE": Explanation(
            zh="{name} 超出限制：{reason}",
            en="{name} is over a limit: {reason}",
            next_step="拆成几个文件分别导入。",
            status=413,
        ),
        "FILE_ENCODING_UNKNOWN": Explanation(
            zh="{name} 的文字编码不是 UTF-8、GB 18030 或 Big5，或混用了几种：{place}",
            en="the text of {name} is not UTF-8, GB 18030 or Big5, or a mixture: {place}",
            next_step="用表格软件打开，另存为“CSV UTF-8”或 xlsx 后再导入。",
        ),
        "FILE_NUL_BYTES": Explanation(
            zh="{name} 第 {row} 行含有空字节（NUL），不是文本文件",
            en="{name} holds a NUL byte in row {row}; it is not a text file",
            next_step="重新导出该文件后再导入。",
        ),
        "FILE_UNCLOSED_QUOTE": Explanation(
            zh="{name} 第 {row} 行起的引号没有成对闭合",
            en="a quotation mark opened at row {row} of {name} is not closed properly",
            next_step="改正该行的引号（单元格内的引号写成两个），或另存为 xlsx 后再导入。",
        ),
        "HEADERS_DOUBLED": Explanation(
            zh="{name} 的表头里，{headers} 是同一目录要素",
            en="in {name} the headers {headers} stand for the same element",
            next_step="每个要素只保留一列后再导入。",
        ),
        "HEADERS_UNKNOWN": Explanation(
            zh="{name} 的表头无法对应到目录要素，缺：{missing}；读到的表头：{headers}",
            en="the headers of {name} do not match the catalogue's elements; missing: {missing}; found: {headers}",
            next_step="按模板改正表头，或上传后逐列指明各是什么，再导入。",
            next_cli="按模板改正表头，或用 hutong imports upload 上传后逐列指明，再导入。",
        ),
        "CELL_CHANGED": Explanation(
            zh="{sheet} 的 {cell} 已不是检查时的内容，没有修复",
            en="{cell} of {sheet} no longer holds what was checked; nothing was repaired",
            next_step="重新上传该文件，检查后再修复。",
            status=409,
        ),
        "CELL_COMPUTED": Explanation(
            zh="{sheet} 的 {cell} 是公式，不能直接改成值",
            en="{cell} of {sheet} holds a formula and cannot be given a value",
            next_step="用表格软件改正公式，或改填为值后重新上传。",
        ),
        "CELL_UNENCODABLE": Explanation(
            zh="{sheet} 的 {cell} 要填的“{characters}”在该文件的文字编码里没有",
            en="the encoding of {sheet} has no {characters!r}, which is to go into {cell}",
            next_step="用表格软件把文件另存为“CSV UTF-8”或 xlsx 后重新上传。",
        ),
        "CODE_TABLE_UNKNOWN": Explanation(
            zh="信息项 {field} 所列代码表“{name}”不存在，无法检查",
            en="item {field} names a code table {name!r} that does not exist; it cannot be checked",
            next_step="在目录中把该信息项的代码表改为系统所列名称，或清空。",
        ),
        "FORMAT_UNKNOWN": Explanation(
            zh="认不出 {name} 的格式",
            en="the format of {name} is not one that can be read",
            next_step="可导入 xlsx、xls、csv，XML（核心元数据、Dublin Core、ISO 19139）和 DCAT（ttl、rdf、jsonld、"
            "json）；xlsm、ods、et 等表格请另存为 xlsx。",
        ),
    }
