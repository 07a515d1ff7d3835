"""
Cities that a scan may be counted in and a map may show: names and where they lie, to a tenth of a degree; no I/O.

Nothing finer than a city is ever said of a reader or of a field: what is not in this table is the city "". Names are
Chinese, English and, where there is a usual one, Uyghur. The key of a city is its English name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

UNKNOWN = ""
"""The city of a scan where nobody said it."""


@dataclass(frozen=True, slots=True)
class City:
    """A city: names by language, degrees of longitude east and latitude north."""

    name: Mapping[str, str]
    east: float
    north: float

    @property
    def key(self) -> str:
        """What it is called in records."""
        return self.name["en"]


# fmt: off
_ROWS: tuple[tuple[str, str, str, float, float], ...] = (
    ("Ürümqi", "乌鲁木齐", "ئۈرۈمچى", 87.6, 43.8), ("Hami", "哈密", "قۇمۇل", 93.5, 42.8),
    ("Turpan", "吐鲁番", "تۇرپان", 89.2, 42.9), ("Korla", "库尔勒", "كورلا", 86.1, 41.7),
    ("Kuqa", "库车", "كۇچا", 83.0, 41.7), ("Aksu", "阿克苏", "ئاقسۇ", 80.3, 41.2),
    ("Kashgar", "喀什", "قەشقەر", 76.0, 39.5), ("Hotan", "和田", "خوتەن", 79.9, 37.1),
    ("Yining", "伊宁", "غۇلجا", 81.3, 43.9), ("Karamay", "克拉玛依", "قاراماي", 84.9, 45.6),
    ("Changji", "昌吉", "سانجى", 87.3, 44.0), ("Shihezi", "石河子", "شىخەنزە", 86.0, 44.3),
    ("Altay", "阿勒泰", "ئالتاي", 88.1, 47.8), ("Tacheng", "塔城", "چۆچەك", 83.0, 46.7),
    ("Beijing", "北京", "بېيجىڭ", 116.4, 39.9), ("Shanghai", "上海", "شاڭخەي", 121.5, 31.2),
    ("Guangzhou", "广州", "گۇاڭجۇ", 113.3, 23.1), ("Shenzhen", "深圳", "شېنجېن", 114.1, 22.5),
    ("Tianjin", "天津", "تيەنجىن", 117.2, 39.1), ("Chongqing", "重庆", "چوڭچىڭ", 106.6, 29.6),
    ("Chengdu", "成都", "چېڭدۇ", 104.1, 30.7), ("Xi'an", "西安", "شىئەن", 108.9, 34.3),
    ("Lanzhou", "兰州", "لەنجۇ", 103.8, 36.1), ("Wuhan", "武汉", "ۋۇخەن", 114.3, 30.6),
    ("Nanjing", "南京", "نەنجىڭ", 118.8, 32.1), ("Hangzhou", "杭州", "خاڭجۇ", 120.2, 30.3),
    ("Zhengzhou", "郑州", "جېڭجۇ", 113.6, 34.8), ("Jinan", "济南", "جىنەن", 117.0, 36.7),
    ("Qingdao", "青岛", "چىڭداۋ", 120.4, 36.1), ("Shenyang", "沈阳", "شېنياڭ", 123.4, 41.8),
    ("Harbin", "哈尔滨", "خاربىن", 126.6, 45.8), ("Changchun", "长春", "چاڭچۈن", 125.3, 43.9),
    ("Dalian", "大连", "", 121.6, 38.9), ("Suzhou", "苏州", "", 120.6, 31.3), ("Wuxi", "无锡", "", 120.3, 31.6),
    ("Ningbo", "宁波", "", 121.5, 29.9), ("Wenzhou", "温州", "", 120.7, 28.0), ("Hefei", "合肥", "", 117.2, 31.8),
    ("Fuzhou", "福州", "", 119.3, 26.1), ("Xiamen", "厦门", "", 118.1, 24.5), ("Nanchang", "南昌", "", 115.9, 28.7),
    ("Changsha", "长沙", "", 113.0, 28.2), ("Dongguan", "东莞", "", 113.8, 23.0), ("Foshan", "佛山", "", 113.1, 23.0),
    ("Zhuhai", "珠海", "", 113.6, 22.3), ("Nanning", "南宁", "", 108.4, 22.8), ("Guiyang", "贵阳", "", 106.6, 26.6),
    ("Kunming", "昆明", "", 102.7, 25.0), ("Lhasa", "拉萨", "لخاسا", 91.1, 29.7),
    ("Xining", "西宁", "شىنىڭ", 101.8, 36.6),
    ("Yinchuan", "银川", "يىنچۈەن", 106.2, 38.5), ("Hohhot", "呼和浩特", "كۆكخوت", 111.7, 40.8),
    ("Baotou", "包头", "", 109.8, 40.7), ("Taiyuan", "太原", "تەييۈەن", 112.6, 37.9),
    ("Shijiazhuang", "石家庄", "", 114.5, 38.0), ("Tangshan", "唐山", "", 118.2, 39.6),
    ("Luoyang", "洛阳", "", 112.5, 34.6),
    ("Xuzhou", "徐州", "", 117.2, 34.3), ("Haikou", "海口", "", 110.3, 20.0), ("Sanya", "三亚", "", 109.5, 18.3),
    ("Dunhuang", "敦煌", "دۇنخۇاڭ", 94.7, 40.1), ("Jiayuguan", "嘉峪关", "", 98.3, 39.8),
)
# fmt: on

CITIES: Mapping[str, City] = {
    en: City({"en": en, "zh": zh, **({"ug": ug} if ug else {})}, east, north) for en, zh, ug, east, north in _ROWS
}
"""By key."""


def _plain(text: str) -> str:
    """Without case, accents, spaces and the words for "city"."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    bare = bare.casefold().replace(" city", "").replace("شەھىرى", "")
    bare = "".join(each for each in bare if each.isalnum())
    return bare.removesuffix("市")


_BY_NAME = {_plain(name): city.key for city in CITIES.values() for name in city.name.values()}


def city_key(text: str) -> str:
    """The key of the city of that name in any of the languages; `UNKNOWN` where the table has none of that name."""
    return _BY_NAME.get(_plain(text[:80]), UNKNOWN)


def city_of_names(names: Mapping[str, str]) -> str:
    """
    The same for a name in several languages as master data has it, which may say more: "Yiwu County, Hami", 新疆哈密.
    """
    for name in names.values():
        for part in (name, *name.replace("،", ",").replace("，", ",").split(",")):
            if key := city_key(part):
                return key
    chinese = names.get("zh", "")
    return next((city.key for city in CITIES.values() if city.name["zh"] in chinese), UNKNOWN)
