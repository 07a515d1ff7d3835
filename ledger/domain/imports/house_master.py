# ruff: noqa: E501 - a table of words reads better with long lines
"""
The master data sheet of a house workbook; values only. See `house_layout`.

Four blocks stand side by side, each a list of its own: parties, places, plots, products. A row may hold an entry of each,
and they have nothing to do with one another; so a drop-down list is one column.
"""

from __future__ import annotations

from ledger.domain.imports.house_columns import BOXED, HOUSE, MARK, NOTE, PLOT
from ledger.domain.imports.house_types import Column, ColumnKind, Example, HouseSheet, SheetLayout, Source, Words
from ledger.domain.imports.house_words import KIND_WORDS, ROLE_WORDS, YES_NO_WORDS
from ledger.domain.master_data import PlaceKind, Role

K = ColumnKind
BLOCKS = {
    "party": Words("主体", "Parties", "تەشكىلاتلار"),
    "place": Words("地点", "Places", "ئورۇنلار"),
    "plot": Words("地块", "Plots", "ئېتىزلار"),
    "product": Words("产品", "Products", "مەھسۇلاتلار"),
}
"""The blocks' titles, by the first word of their columns' keys."""

_EMPTY = Words("可不填。", "May stay empty.", "بوش قالسا بولىدۇ.")
_LANGUAGE_NAMES = {"zh": Words("中文", "Chinese", "خەنزۇچە"), "en": Words("英文", "English", "ئىنگلىزچە"),
                   "ug": Words("维吾尔文", "Uyghur", "ئۇيغۇرچە")}  # fmt: skip
_NAME_NOTE = Words(
    "三种文字至少填一种；名称不可重复。", "At least one of the three languages; no two may have the same name.",
    "ئۈچ تىلدىن ئەڭ ئاز بىرى؛ ناملار تەكرارلانمىسۇن.",
)  # fmt: skip


def _three(key: str, title: Words, note: Words, example: Words | None) -> list[Column]:
    return [
        Column(
            f"{key}_{language}",
            Words(f"{title.zh}·{name.zh}", f"{title.en}, {name.en}", f"{title.ug}، {name.ug}"),
            K.TEXT, False, note, example.of(language) if example else None, width=20,
        )
        for language, name in _LANGUAGE_NAMES.items()
    ]  # fmt: skip


def _column(
    key: str, title: Words, kind: ColumnKind, note: Words, example: Example = None, source: Source | None = None
) -> Column:
    return Column(key, title, kind, False, note, example, source, width=16)


_GLN_NOTE = Words(
    "13 位 GLN，或登记处分配的号码。",
    "A GLN of 13 digits, or a number that the registry allotted.",
    "13 خانىلىق GLN ياكى تىزىملاش ئورنى بەرگەن نومۇر.",
)
_PARTY_NOTE = Words(
    "档案里主体的名称或编号。",
    "The party's name or number in this list.",
    "بۇ تىزىملىكتىكى تەشكىلاتنىڭ نامى ياكى نومۇرى.",
)
_HAMI = Words("哈密", "Hami", "قۇمۇل")

MASTER_SHEET = SheetLayout(
    HouseSheet.MASTER, Words("档案", "Master data", "ئارخىپ"),
    Words("主体、地点、地块、产品四张表并排，各填各的；账本里已有的不必再填。",
          "Four lists side by side: parties, places, plots, products. What the ledger knows already need not stand here.",
          "تۆت تىزىملىك يانمۇيان: تەشكىلات، ئورۇن، ئېتىز، مەھسۇلات. دەپتەردە بارلىرىنى قايتا يېزىش ھاجەتسىز."),
    (
        MARK,
        _column("party_id", Words("主体编号", "Party number", "تەشكىلات نومۇرى"), K.PARTY_ID, _GLN_NOTE, "9529999000019"),
        *_three("party_name", Words("主体名称", "Party name", "تەشكىلات نامى"), _NAME_NOTE, HOUSE),
        _column("party_roles", Words("角色", "Roles", "رولى"), K.ROLES,
                Words("一个或几个，用顿号或逗号分开。", "One or several, with commas between.", "بىر ياكى بىرنەچچە، پەش بىلەن ئايرىلىدۇ."),
                ROLE_WORDS[Role.PACKER], Source.ROLES),
        *_three("party_city", Words("主体城市", "Party city", "تەشكىلات شەھىرى"), _EMPTY, _HAMI),
        _column("party_hosted", Words("代管密钥", "Key kept by the service", "ئاچقۇچنى مۇلازىمەت ساقلامدۇ"), K.YES_NO,
                Words("是：由本服务保管密钥。不填即为是。", "Yes: the service keeps the key. Empty means yes.", "ھەئە: ئاچقۇچنى مۇلازىمەت ساقلايدۇ. بوش بولسا ھەئە."),
                YES_NO_WORDS[0], Source.YES_NO),
        _column("place_gln", Words("地点编号(GLN)", "Place GLN", "ئورۇن نومۇرى (GLN)"), K.GLN,
                Words("13 位 GLN。", "A GLN of 13 digits.", "13 خانىلىق GLN."), "9529999000019"),
        _column("place_extension", Words("地点扩展号", "Place extension", "ئورۇن قوشۇمچە نومۇرى"), K.EXTENSION, _EMPTY),
        *_three("place_name", Words("地点名称", "Place name", "ئورۇن نامى"), _NAME_NOTE, HOUSE),
        _column("place_party", Words("所属主体", "Run by party", "قايسى تەشكىلاتنىڭ"), K.PARTY, _PARTY_NOTE, HOUSE, Source.PARTIES),
        _column("place_kind", Words("地点类型", "Kind of place", "ئورۇن تۈرى"), K.PLACE_KIND,
                Words("从下拉列表选。", "Pick from the list.", "تىزىملىكتىن تاللاڭ."), KIND_WORDS[PlaceKind.PACKING_HOUSE], Source.KINDS),
        *_three("place_city", Words("地点城市", "Place city", "ئورۇن شەھىرى"), _EMPTY, _HAMI),
        _column("place_country", Words("国家代码", "Country", "دۆلەت كودى"), K.COUNTRY,
                Words("ISO 两字母代码；不填即为 CN。", "Two letters of ISO 3166; empty means CN.", "ISO نىڭ ئىككى ھەرپى؛ بوش بولسا CN."), "CN"),
        _column("plot_gln", Words("地块GLN", "Plot GLN", "ئېتىز GLN"), K.GLN,
                Words("农场的 13 位 GLN。", "The farm's GLN, 13 digits.", "دېھقانچىلىق مەيدانىنىڭ GLN نومۇرى."), "9529999000019"),
        _column("plot_extension", Words("地块扩展号", "Plot extension", "ئېتىز قوشۇمچە نومۇرى"), K.EXTENSION,
                Words("如 A1。", "Such as A1.", "مەسىلەن A1."), "A1"),
        *_three("plot_name", Words("地块名称", "Plot name", "ئېتىز نامى"), _NAME_NOTE, PLOT),
        _column("plot_producer", Words("种植主体", "Grown by party", "تېرىغۇچى تەشكىلات"), K.PARTY, _PARTY_NOTE, HOUSE, Source.PARTIES),
        *_three("plot_region", Words("地块地区", "Plot region", "ئېتىز رايونى"), _EMPTY, None),
        _column("product_gtin", Words("产品编号(GTIN)", "Product GTIN", "مەھسۇلات نومۇرى (GTIN)"), K.PRODUCT_ID,
                Words("8、12、13 或 14 位 GTIN，或登记处分配的号码。", "A GTIN of 8, 12, 13 or 14 digits, or a number that the registry allotted.", "8، 12، 13 ياكى 14 خانىلىق GTIN."),
                "19529999000016"),
        *_three("product_name", Words("产品名称", "Product name", "مەھسۇلات نامى"), _NAME_NOTE, BOXED),
        _column("product_net", Words("每件净重(公斤)", "Net weight of one case (kg)", "بىر يەشىكنىڭ ساپ ئېغىرلىقى (كىلوگرام)"), K.MASS,
                Words("一件（箱、盒）的净重；散装品不填，按重量计。", "Net weight of one case; empty for loose goods, which go by weight.", "بىر يەشىكنىڭ ساپ ئېغىرلىقى؛ چاچما مال ئۈچۈن بوش."), 5),
        _column("product_owner", Words("产品所属主体", "Product of party", "مەھسۇلات ئىگىسى"), K.PARTY, _PARTY_NOTE, HOUSE, Source.PARTIES),
        *_three("product_variety", Words("品种", "Variety", "سورت"), _EMPTY, Words("西州密25号", "Xizhoumi 25", "غەربىي ئايماق 25")),
        _column("product_commodity", Words("品类", "Commodity", "مال تۈرى"), K.TEXT, _EMPTY, Words("哈密瓜", "Hami melon", "قوغۇن")),
        _column("product_loose", Words("散装", "Loose", "چاچما"), K.YES_NO,
                Words("是：未包装的果，只按重量计。", "Yes: unpacked fruit, counted by weight only.", "ھەئە: قاچىلانمىغان مېۋە، پەقەت ئېغىرلىق بويىچە."),
                YES_NO_WORDS[1], Source.YES_NO),
        _column("product_packers", Words("可包装主体", "Packers", "قاچىلىيالايدىغان تەشكىلاتلار"), K.PARTIES,
                Words("还有谁可以做这个产品，用逗号分开。", "Who else may make it, with commas between.", "يەنە كىم ياسىيالايدۇ، پەش بىلەن ئايرىلىدۇ.")),
        NOTE,
    ),
    ("基础档案", "基础资料", "masterdata", "master"),
)  # fmt: skip
