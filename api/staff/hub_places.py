"""
Where cities lie, for the map of what is under way: longitude and latitude in whole tenths of a degree and no finer, so
that a map never tells more than the name of the city does. By the English name that master data gives.
"""

from __future__ import annotations

import unicodedata

CITIES: dict[str, tuple[float, float]] = {
    "aksu": (80.3, 41.2), "altay": (88.1, 47.8), "artux": (76.2, 39.7), "beijing": (116.4, 39.9),
    "changchun": (125.3, 43.9), "changji": (87.3, 44.0), "changsha": (113.0, 28.2), "chengdu": (104.1, 30.7),
    "chongqing": (106.6, 29.6), "dalian": (121.6, 38.9), "dunhuang": (94.7, 40.1), "fuzhou": (119.3, 26.1),
    "guangzhou": (113.3, 23.1), "guiyang": (106.7, 26.6), "haikou": (110.3, 20.0), "hami": (93.5, 42.8),
    "hangzhou": (120.2, 30.3), "harbin": (126.6, 45.8), "hefei": (117.3, 31.8), "hohhot": (111.7, 40.8),
    "hotan": (79.9, 37.1), "jinan": (117.0, 36.7), "kashgar": (76.0, 39.5), "korla": (86.2, 41.8),
    "kunming": (102.7, 25.0), "lanzhou": (103.8, 36.1), "lhasa": (91.1, 29.7), "nanchang": (115.9, 28.7),
    "nanjing": (118.8, 32.1), "nanning": (108.4, 22.8), "ningbo": (121.5, 29.9), "qingdao": (120.4, 36.1),
    "shanghai": (121.5, 31.2), "shenyang": (123.4, 41.8), "shenzhen": (114.1, 22.5), "shihezi": (86.0, 44.3),
    "shijiazhuang": (114.5, 38.0), "suzhou": (120.6, 31.3), "tacheng": (83.0, 46.7), "taiyuan": (112.5, 37.9),
    "tianjin": (117.2, 39.1), "turpan": (89.2, 42.9), "urumqi": (87.6, 43.8), "wuhan": (114.3, 30.6),
    "xiamen": (118.1, 24.5), "xi'an": (108.9, 34.3), "xining": (101.8, 36.6), "yinchuan": (106.2, 38.5),
    "yining": (81.3, 43.9), "zhengzhou": (113.6, 34.8),
}  # fmt: skip


def city_at(name: str) -> tuple[float, float] | None:
    """Longitude and latitude of the city; None where this list lacks it."""
    plain = unicodedata.normalize("NFD", name).encode("ascii", "ignore").decode("ascii")
    return CITIES.get(plain.casefold().strip())
