# ruff: noqa: E501 - a table of words reads better with long lines
"""The six sheets of a house workbook whose rows become events; values only. See `house_layout`."""

from __future__ import annotations

from datetime import date

from ledger.domain.imports.house_types import Column, ColumnKind, Example, HouseSheet, SheetLayout, Source, Words

K = ColumnKind
DAY = date(2026, 8, 5)
_WEIGH = ("重量", "净重量", "数量", "net", "weight", "quantity", "qty", "مىقدارى")
_LOT = ("批次", "批次号", "产品批号", "lot", "lotcode", "lotno", "lotnumber", "batch", "تۈركۈم")

HOUSE = Words("示例瓜果包装厂", "Example Packing House", "مىسال قاچىلاش زاۋۇتى")
BUYER = Words("示例批发公司", "Example Wholesale", "مىسال توپ سېتىش شىركىتى")
CARRIER = Words("示例冷链运输", "Example Cold Chain", "مىسال سوغۇق زەنجىر توشۇش")
PLOT = Words("示例一号地", "Example field 1", "مىسال 1-ئېتىز")
LOOSE = Words("示例哈密瓜（散装）", "Example Hami melon, loose", "مىسال قوغۇن (چاچما)")
BOXED = Words("示例哈密瓜 5公斤箱", "Example Hami melon, 5 kg case", "مىسال قوغۇن 5 كىلوگراملىق يەشىك")
_KG = Words("公斤", "kg", "كىلوگرام")

MARK = Column(
    "mark", Words("标记", "Mark", "بەلگە"), K.MARK, False,
    Words("写有“示例”的行不导入。改成自己的数据时请清空此格。",
          "A row marked 'example' is not imported. Clear this cell when you make the row yours.",
          "«مىسال» دەپ يېزىلغان قۇر كىرگۈزۈلمەيدۇ. ئۆزىڭىزنىڭ سانلىق مەلۇماتىنى يازسىڭىز بۇ كاتەكنى بوشىتىڭ."),
    width=8,
)  # fmt: skip
NOTE = Column(
    "note", Words("备注", "Note", "ئىزاھات"), K.NOTE, False,
    Words("只供自己看，不写入账本。", "For yourself; not recorded.", "ئۆزىڭىز ئۈچۈن؛ خاتىرىلەنمەيدۇ."),
    aliases=("说明", "notes", "remark", "remarks", "comment", "comments"), width=24,
)  # fmt: skip


def _date(zh: str, en: str, ug: str, *aliases: str) -> Column:
    note = Words(
        "年月日，如 2026年8月5日 或 2026-8-5；可带时刻（北京时间）。",
        "Day, month and year, such as 2026-08-05; a time of day may follow (Beijing time).",
        "يىل-ئاي-كۈن، مەسىلەن 2026-8-5؛ ۋاقىت قوشۇشقا بولىدۇ (بېيجىڭ ۋاقتى).",
    )
    return Column("date", Words(zh, en, ug), K.DATE, True, note, DAY, None, ("日期", "date", "day", "چېسلا", *aliases))


def _place(zh: str, en: str, ug: str, *aliases: str) -> Column:
    note = Words(
        "从下拉列表选，或写档案里的名称或编号(GLN)。", "Pick from the list, or write the name or GLN of the master data.",
        "تىزىملىكتىن تاللاڭ ياكى ئارخىپتىكى نامى ياكى نومۇرىنى (GLN) يېزىڭ.",
    )  # fmt: skip
    return Column(
        "place", Words(zh, en, ug), K.PLACE, True, note, HOUSE, Source.PLACES, ("地点", "place", "ئورۇن", *aliases), 22
    )


def _party(key: str, title: Words, example: Words, *aliases: str, required: bool = True) -> Column:
    note = Words(
        "从下拉列表选，或写档案里的名称或编号。", "Pick from the list, or write the name or number of the master data.",
        "تىزىملىكتىن تاللاڭ ياكى ئارخىپتىكى نامى ياكى نومۇرىنى يېزىڭ.",
    )  # fmt: skip
    return Column(key, title, K.PARTY, required, note, example, Source.PARTIES, aliases, 22)


def _product(key: str, title: Words, example: Words, *aliases: str, required: bool = False) -> Column:
    note = (
        Words("从下拉列表选，或写名称或 GTIN。", "Pick from the list, or write the name or GTIN.",
              "تىزىملىكتىن تاللاڭ ياكى نامى ياكى GTIN نى يېزىڭ.")
        if required
        else Words("可不填：同一工作簿里只有一个产品用此批号时。否则请选。",
                   "May stay empty where only one product of this workbook has the lot number; else pick one.",
                   "بۇ ھۆججەتتە تۈركۈم نومۇرى پەقەت بىر مەھسۇلاتنىڭ بولسا بوش قالسا بولىدۇ؛ بولمىسا تاللاڭ.")
    )  # fmt: skip
    return Column(key, title, K.PRODUCT, required, note, example, Source.PRODUCTS, aliases, 26)


def _lot(key: str, title: Words, example: str, *aliases: str, required: bool = True) -> Column:
    note = Words(
        "1 到 20 个字母、数字或符号（半角），如 HM0805-1。", "1 to 20 letters, digits or signs, such as HM0805-1.",
        "1 دىن 20 غىچە ھەرپ، رەقەم ياكى بەلگە، مەسىلەن HM0805-1.",
    )  # fmt: skip
    return Column(key, title, K.LOT, required, note, example, None, aliases, 14)


def _quantity(required: bool, example: Example = 1250, *, by_cases: bool = False) -> Column:
    note = (
        Words("净重；填了件数可不填。两者都填须相符。", "Net weight; may stay empty where cases are counted. Both must agree.",
              "ساپ ئېغىرلىق؛ يەشىك سانى يېزىلسا بوش قالسا بولىدۇ. ئىككىسى ماس كېلىشى كېرەك.")
        if by_cases
        else Words("净重，单位写在旁边或数字后面。", "Net weight; its unit beside it or behind the number.",
                   "ساپ ئېغىرلىق؛ بىرلىكى يېنىدا ياكى ساننىڭ كەينىدە.")
    )  # fmt: skip
    return Column(
        "quantity", Words("净重", "Net weight", "ساپ ئېغىرلىقى"), K.QUANTITY, required, note, example, None, _WEIGH, 12
    )


UNIT = Column(
    "unit", Words("单位", "Unit", "بىرلىك"), K.UNIT, False,
    Words("公斤(千克)、吨、克、斤(500克)，或箱/件。", "kg, t, g, jin (500 g), or case.", "كىلوگرام، توننا، گرام، جىڭ (500 گرام) ياكى يەشىك."),
    _KG, Source.UNITS, ("计量单位", "uom", "units", "ئۆلچەم بىرلىكى"), 9,
)  # fmt: skip
CASES = Column(
    "cases", Words("件数", "Cases", "يەشىك سانى"), K.COUNT, False,
    Words("整数；每件净重取自档案。", "A whole number; the net weight of one is in the master data.", "پۈتۈن سان؛ بىرىنىڭ ساپ ئېغىرلىقى ئارخىپتا."),
    120, None, ("箱数", "boxes", "cartons"), 9,
)  # fmt: skip


def _mass(key: str, zh: str, en: str, ug: str, note: Words, example: Example, *aliases: str) -> Column:
    titled = Words(f"{zh}(公斤)", f"{en} (kg)", f"{ug} (كىلوگرام)")
    return Column(key, titled, K.MASS, False, note, example, None, aliases, 13)


def _code(key: str, title: Words, required: bool, note: Words, example: str, *aliases: str) -> Column:
    return Column(key, title, K.CODE, required, note, example, None, aliases, 15)


WAYBILL = _code(
    "waybill", Words("运单号", "Waybill", "يۈك تالونى نومۇرى"), True,
    Words("同一运单号的各行是一批货；双方写同一号码。", "Rows of one waybill are one consignment; both sides write the same number.",
          "بىر نومۇردىكى قۇرلار بىر تۈركۈم مال؛ ئىككى تەرەپ ئوخشاش نومۇر يازىدۇ."),
    "YD-0805-01", "运单", "单号", "发货单号", "waybillno", "consignment", "billoflading",
)  # fmt: skip
_NUMBER = Words("可不填。", "May stay empty.", "بوش قالسا بولىدۇ.")

INTAKE = SheetLayout(
    HouseSheet.INTAKE, Words("收购", "Intake", "سېتىۋېلىش"),
    Words("每车每户一行；同一批号的各行合成一批，合计就是该批净重。", "One row a delivery; the rows of one lot number make one pooled lot, and add up to it.",
          "ھەر بىر تاپشۇرۇش بىر قۇر؛ بىر تۈركۈم نومۇرىدىكى قۇرلار بىر تۈركۈم بولۇپ قوشۇلىدۇ."),
    (
        MARK, _date("收购日期", "Intake date", "سېتىۋالغان چېسلا"),
        _place("收购地点", "Intake place", "سېتىۋالغان ئورۇن", "收购站", "收购点"),
        _lot("lot", Words("批号", "Lot number", "تۈركۈم نومۇرى"), "SG0805-1", *_LOT),
        _product("product", Words("产品", "Product", "مەھسۇلات"), LOOSE, "品名", "货品", required=True),
        _code("roster", Words("花名册编号", "Roster code", "تىزىملىك نومۇرى"), True,
              Words("农户在花名册上的编号，不写姓名。", "The grower's number in the roster, never a name.", "دېھقاننىڭ تىزىملىكتىكى نومۇرى، ئىسمى ئەمەس."),
              "H-017", "农户编号", "农户代码", "瓜农编号", "roster", "growercode", "دېھقان نومۇرى"),
        Column("village", Words("村", "Village", "كەنت"), K.TEXT, True,
               Words("产地村名。", "The village where it grew.", "ئۆستۈرۈلگەن كەنت."), Words("淖毛湖村", "Naomaohu", "نومقۇم كەنتى"),
               None, ("村名", "村庄", "所在村", "产地"), 14),
        _quantity(True), UNIT,
        _code("ticket", Words("磅单号", "Weigh ticket", "تارازا تالونى نومۇرى"), True,
              Words("每张磅单只记一行。", "Each ticket stands in one row only.", "ھەر تالون پەقەت بىر قۇردا."),
              "B-00231", "磅单", "票号", "过磅单号", "ticket", "ticketno"),
        NOTE,
    ),
    ("收购登记", "收购记录", "收购台账", "purchases", "intake sheet"),
)  # fmt: skip

HARVEST = SheetLayout(
    HouseSheet.HARVEST, Words("采收", "Harvest", "يىغىم"),
    Words("自有或登记地块的采收，每批一行。", "Picking on registered fields; one row a lot.", "تىزىملانغان ئېتىزلاردىكى يىغىم؛ ھەر تۈركۈم بىر قۇر."),
    (
        MARK, _date("采收日期", "Harvest date", "يىغقان چېسلا", "采摘日期"),
        Column("plot", Words("地块", "Plot", "ئېتىز"), K.PLOT, True,
               Words("从下拉列表选，或写名称或 GLN/扩展号。", "Pick from the list, or write the name or GLN/extension.", "تىزىملىكتىن تاللاڭ ياكى نامى ياكى GLN/قوشۇمچە نومۇرىنى يېزىڭ."),
               PLOT, Source.PLOTS, ("地块名称", "田块", "field"), 22),
        _lot("lot", Words("批号", "Lot number", "تۈركۈم نومۇرى"), "CS0805-1", *_LOT),
        _product("product", Words("产品", "Product", "مەھسۇلات"), LOOSE, "品名", "货品", required=True),
        _quantity(True, 3200), UNIT,
        _code("team", Words("采收班组", "Picking team", "يىغقان گۇرۇپپا"), False, _NUMBER, "3", "班组", "team"),
        NOTE,
    ),
    ("采收登记", "采收记录", "采摘", "picking"),
)  # fmt: skip

_IN = Words(
    "投入这一单的批号；一单可有多行。",
    "What goes in; an order may have several rows.",
    "كىرگۈزۈلگەن تۈركۈم؛ بىر تالوندا كۆپ قۇر بولسا بولىدۇ.",
)
PACKING = SheetLayout(
    HouseSheet.PACKING, Words("分选装箱", "Packing", "خىللاش ۋە قاچىلاش"),
    Words("同一分选单号的各行是一单：投入 = 产出 + 次果 + 损耗 + 结余，不平不收。",
          "Rows of one packing order belong together: input = output + culls + loss + remainder, or it is refused.",
          "بىر تالون نومۇرىدىكى قۇرلار بىر ئىش: كىرىم = چىقىم + شاللانغىنى + خوراش + ئېشىپ قالغىنى، بولمىسا رەت قىلىنىدۇ."),
    (
        MARK,
        _code("order", Words("分选单号", "Packing order", "خىللاش تالونى نومۇرى"), True,
              Words("同一单的各行写同一号码。", "The same on all rows of one order.", "بىر ئىشنىڭ ھەممە قۇرىدا ئوخشاش."),
              "FX-0805-1", "单号", "工单号", "生产单号", "order", "workorder"),
        _date("分选日期", "Packing date", "خىللىغان چېسلا", "装箱日期", "包装日期"),
        _place("分选地点", "Packing place", "خىللىغان ئورۇن", "包装地点"),
        _lot("in_lot", Words("投入批号", "Input lot", "كىرگۈزۈلگەن تۈركۈم"), "SG0805-1", "原料批号", "原批号", required=False),
        _product("in_product", Words("投入产品", "Input product", "كىرگۈزۈلگەن مەھسۇلات"), LOOSE, "原料"),
        _mass("in_quantity", "投入净重", "Input net weight", "كىرگۈزۈلگەن ساپ ئېغىرلىق", _IN, 1250, "投入重量", "投入数量", "投入", "input"),
        _lot("out_lot", Words("产出批号", "Output lot", "چىقىرىلغان تۈركۈم"), "HM0805-1", "成品批号", "新批号", required=False),
        _product("out_product", Words("产出产品", "Output product", "چىقىرىلغان مەھسۇلات"), BOXED, "成品"),
        Column("out_cases", Words("产出件数", "Output cases", "چىقىرىلغان يەشىك"), K.COUNT, False, CASES.note, 232, None,
               ("产出箱数", "成品件数", "箱数", "件数"), 11),
        _mass("out_quantity", "产出净重", "Output net weight", "چىقىرىلغان ساپ ئېغىرلىق",
              Words("填了件数可不填；都填须相符。", "May stay empty where cases are counted; both must agree.", "يەشىك سانى يېزىلسا بوش قالسا بولىدۇ؛ ئىككىسى ماس كېلىشى كېرەك."),
              1160, "产出重量", "产出数量", "产出", "output"),
        Column("grade", Words("等级", "Grade", "دەرىجە"), K.TEXT, False, _NUMBER, Words("一级", "first", "بىرىنچى دەرىجە"), None, ("级别",), 9),
        _mass("culls", "次果", "Culls", "شاللانغان مېۋە",
              Words("分选剔出的果。", "Fruit sorted out.", "شاللىۋېتىلگەن مېۋە."), 60, "残次果", "等外果"),
        _mass("loss", "损耗", "Process loss", "خوراش", Words("失水、破损等。", "Water, breakage and the like.", "سۇسىزلىنىش، سۇنۇش قاتارلىقلار."), 10, "损失", "loss"),
        _mass("remainder", "结余", "Remainder", "ئېشىپ قالغىنى",
              Words("本行投入批号退回库里的部分。", "What of this row's input lot goes back to stock.", "بۇ قۇردىكى تۈركۈمدىن ئامبارغا قايتقىنى."), 20, "剩余"),
        NOTE,
    ),
    ("分选", "装箱", "包装", "sorting and packing", "sort and pack"),
)  # fmt: skip

SHIPPING = SheetLayout(
    HouseSheet.SHIPPING, Words("发货", "Shipping", "يوللاش"),
    Words("每批货每个批号一行；同一运单号的各行是一批货。", "One row a lot; the rows of one waybill are one consignment.", "ھەر تۈركۈم بىر قۇر؛ بىر تالوندىكى قۇرلار بىر يۈك."),
    (
        MARK, WAYBILL, _date("发货日期", "Shipping date", "يوللىغان چېسلا"),
        _place("发货地点", "Ship from", "يوللىغان ئورۇن"),
        _party("receiver", Words("收货方", "Receiver", "تاپشۇرۇۋالغۇچى"), BUYER, "收货单位", "客户", "consignee", "shipto"),
        _lot("lot", Words("批号", "Lot number", "تۈركۈم نومۇرى"), "HM0805-1", *_LOT),
        _product("product", Words("产品", "Product", "مەھسۇلات"), BOXED, "品名", "货品"), CASES,
        _quantity(False, 600, by_cases=True), UNIT,
        _code("seal", Words("铅封号", "Seal", "پېچەت نومۇرى"), False, _NUMBER, "F-88121", "封签号", "sealno"),
        _party("carrier", Words("承运单位", "Carrier", "توشۇغۇچى"), CARRIER, "承运人", "物流公司", required=False),
        _code("vehicle", Words("车牌号", "Vehicle", "ماشىنا نومۇرى"), False, _NUMBER, "新L12345", "车号", "车辆", "plate", "numberplate"),
        _code("driver", Words("司机代号", "Driver code", "شوپۇر كودى"), False,
              Words("只写代号，不写姓名和电话。", "A code only; no name, no telephone number.", "پەقەت كود؛ ئىسىم ۋە تېلېفون ئەمەس."), "S-07", "司机编号"),
        NOTE,
    ),
    ("发货登记", "出库", "发运", "shipments"),
)  # fmt: skip

RECEIVING = SheetLayout(
    HouseSheet.RECEIVING, Words("收货", "Receiving", "تاپشۇرۇۋېلىش"),
    Words("按运单逐批号验收，写对方的运单号。", "What came in under a waybill, lot by lot; the sender's number.", "يۈك تالونى بويىچە كەلگەن تۈركۈملەر؛ يوللىغۇچىنىڭ نومۇرى."),
    (
        MARK, WAYBILL, _date("收货日期", "Receiving date", "تاپشۇرۇۋالغان چېسلا"),
        _place("收货地点", "Receiving place", "تاپشۇرۇۋالغان ئورۇن"),
        _party("shipper", Words("发货方", "Shipper", "يوللىغۇچى"), HOUSE, "发货单位", "供货方", "consignor", "shipfrom"),
        _lot("lot", Words("批号", "Lot number", "تۈركۈم نومۇرى"), "HM0805-1", *_LOT),
        _product("product", Words("产品", "Product", "مەھسۇلات"), BOXED, "品名", "货品"), CASES,
        _quantity(False, 600, by_cases=True), UNIT,
        _code("seal", Words("铅封号", "Seal", "پېچەت نومۇرى"), False, _NUMBER, "F-88121", "封签号", "sealno"),
        Column("celsius", Words("到货温度(°C)", "Temperature on arrival (°C)", "كەلگەندىكى تېمپېراتۇرا (°C)"), K.CELSIUS, False, _NUMBER, 4.5, None, ("到货温度",), 12),
        NOTE,
    ),
    ("收货登记", "入库", "receipts"),
)  # fmt: skip

TEMPERATURE = SheetLayout(
    HouseSheet.TEMPERATURE, Words("温度", "Temperature", "تېمپېراتۇرا"),
    Words("冷库或车辆里的温度，每个读数一行。", "Readings in cold stores and vehicles; one row a reading.", "توڭلىتىش ئامبىرى ياكى ماشىنىدىكى تېمپېراتۇرا؛ ھەر ئۆلچەش بىر قۇر."),
    (
        MARK, _date("日期", "Reading date", "ئۆلچىگەن چېسلا", "测温日期"),
        Column("time", Words("时刻", "Reading time", "ئۆلچىگەن ۋاقىت"), K.TIME, False,
               Words("北京时间 24 小时制，如 14:30；日期格已带时刻可不填。", "24 hours, Beijing time, such as 14:30; empty where the date has it.", "24 سائەتلىك بېيجىڭ ۋاقتى، مەسىلەن 14:30."),
               "14:30", None, ("时间", "测温时间", "time", "ۋاقىت"), 9),
        _place("测温地点", "Reading place", "ئۆلچىگەن ئورۇن"),
        _lot("lot", Words("批号", "Lot number", "تۈركۈم نومۇرى"), "HM0805-1", *_LOT),
        _product("product", Words("产品", "Product", "مەھسۇلات"), BOXED, "品名", "货品"),
        Column("celsius", Words("温度(°C)", "Temperature (°C)", "تېمپېراتۇرا (°C)"), K.CELSIUS, True,
               Words("摄氏度。", "Degrees Celsius.", "سېلسىيە گرادۇس."), 3.5, None, ("摄氏度", "celsius"), 12),
        _code("vehicle", Words("车牌号", "Vehicle", "ماشىنا نومۇرى"), False, _NUMBER, "新L12345", "车号", "车辆", "plate", "numberplate"),
        _code("device", Words("记录仪编号", "Logger", "خاتىرىلىگۈچ نومۇرى"), False, _NUMBER, "T-4471", "设备号", "device"),
        NOTE,
    ),
    ("温度记录", "测温", "temperatures"),
)  # fmt: skip

EVENT_SHEETS = (INTAKE, HARVEST, PACKING, SHIPPING, RECEIVING, TEMPERATURE)
