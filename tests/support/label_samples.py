"""Labels as a packing house of Hami prints them, in three languages, and pictures of them as a camera sees them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from ledger.domain.labels import Detail, Label, LabelText

HOST = "https://silkroot.example"
LOT_CAPTIONS = {"zh": "批次", "en": "Lot", "ug": "تۈركۈم"}
FIELDS = ("variety", "origin", "date", "net-weight", "packer")
_CAPTIONS = {
    "zh": ("品种", "产地", "包装日期", "净含量", "包装单位"),
    "en": ("Variety", "Origin", "Packed", "Net weight", "Packer"),
    "ug": ("سورتى", "ئىشلەنگەن جايى", "ئورالغان ۋاقتى", "ساپ ئېغىرلىقى", "ئورىغۇچى"),
}
_VALUES = {
    "zh": ("西州密25号", "新疆哈密市伊吾县", "2026年8月5日", "5 kg", "丝路鲜果分拣包装厂"),
    "en": ("Xizhoumi No. 25", "Yiwu County, Hami, Xinjiang", "5 Aug 2026", "5 kg", "Silk Road Packing House"),
    "ug": ("شىجۇمى 25-نومۇر", "شىنجاڭ قۇمۇل", "2026-يىلى 5-ئاۋغۇست", "5 كىلوگرام", "يىپەك يولى مېۋە زاۋۇتى"),
}
_PRODUCTS = {"zh": "哈密瓜 5 公斤装", "en": "Hami melon, 5 kg case", "ug": "قوغۇن، 5 كىلوگرام"}


def text(language: str, **changed: str) -> LabelText:
    """The text in one language; `product` and any field may be changed (`net_weight` is `net-weight`)."""
    values = {
        name: changed.get(name.replace("-", "_"), value) for name, value in zip(FIELDS, _VALUES[language], strict=True)
    }
    details = tuple(
        Detail(name, caption, values[name]) for name, caption in zip(FIELDS, _CAPTIONS[language], strict=True)
    )
    return LabelText(language, changed.get("product", _PRODUCTS[language]), details)


def label(languages: Sequence[str] = ("zh",), lot: str = "HM-0805", host: str = HOST, **changed: str) -> Label:
    """A label of the lot; changed texts are those of the first language."""
    first, *others = languages
    return Label(
        link=f"{host}/01/09521234000012/10/{lot}",
        lot_code=lot,
        lot_captions=tuple(LOT_CAPTIONS[language] for language in languages),
        product_number="(01) 09521234000012",
        texts=(text(first, **changed), *(text(language) for language in others)),
    )


def read(picture: Image.Image) -> list[str]:
    """What an independent decoder reads in the picture."""
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


def photograph(picture: Image.Image, *, angle: float = 0, blur: float = 0, scale: float = 1) -> Image.Image:
    """The label on brown cardboard, turned by degrees, out of focus by pixels."""
    label = picture.convert("L")
    label = label.resize((round(label.width * scale), round(label.height * scale)), Image.Resampling.BICUBIC)
    side = round(1.5 * max(label.size))
    board = Image.new("L", (side, side), 140)
    board.paste(label, ((side - label.width) // 2, (side - label.height) // 2))
    return board.rotate(angle, Image.Resampling.BICUBIC, fillcolor=140).filter(ImageFilter.GaussianBlur(blur))


def soiled(
    picture: Image.Image, box: tuple[float, float, float, float], share: float, module: float, seed: int
) -> Image.Image:
    """The picture with specks of juice and torn spots, some modules wide, over that share of the box."""
    chance = random.Random(seed)
    dirty = picture.convert("L")
    spots = Image.new("L", dirty.size, 0)
    left, top, right, bottom = box
    while spots.histogram()[255] < share * (right - left) * (bottom - top):
        x, y, radius = chance.uniform(left, right), chance.uniform(top, bottom), chance.uniform(0.5, 2.5) * module
        circle = (x - radius, y - radius, x + radius, y + radius)
        ImageDraw.Draw(dirty).ellipse(circle, fill=chance.choice((0, 70, 255)))
        ImageDraw.Draw(spots).ellipse(circle, fill=255)
    return dirty
