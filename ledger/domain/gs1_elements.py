"""
GS1 Application Identifiers: which there are, what they hold, how they go into a Digital Link; no I/O.

The table follows GS1 General Specifications section 3.2 and the GS1 Barcode Syntax Dictionary; path order and data
attributes follow GS1 Digital Link URI Syntax 1.5, sections 4.9 to 4.11. Raises `InvalidGs1Key`.

A row is `AI flags format`. Flags: k a primary key of a Digital Link, q only a qualifier of one (or not at all allowed
in the query), a an attribute in the query; a k may be an attribute of another key too. Format: components joined by
"+", each N (digits), X (character set 82), Y (character set 39) or Z (base64url) with its length or lengths, then
marks: # check digit, d date YYMMDD (day 00 allowed), D date YYMMDD, p begins with a company prefix. "?" makes a
component optional.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ledger.domain.errors import InvalidGs1Key
from ledger.domain.gs1 import check_digit, has_check_digit

_TABLE = """
00 k N18#p
01 k N14#p
02 a N14#p
03 q N14#p
10 a X1-20
11,12,13,15,16,17 a N6d
20 a N2
21,22 q X1-20
235 q X1-28
240,241,250,251 a X1-30
242 a N1-6
243 a X1-20
253 k N13#p+X1-17?
254 q X1-20
255 k N13#p+N1-12?
30,37 a N1-8
3100-3105,3110-3115,3120-3125,3130-3135,3140-3145,3150-3155,3160-3165 a N6
3200-3205,3210-3215,3220-3225,3230-3235,3240-3245,3250-3255,3260-3265,3270-3275,3280-3285,3290-3295 a N6
3300-3305,3310-3315,3320-3325,3330-3335,3340-3345,3350-3355,3360-3365,3370-3375 a N6
3400-3405,3410-3415,3420-3425,3430-3435,3440-3445,3450-3455,3460-3465,3470-3475,3480-3485,3490-3495 a N6
3500-3505,3510-3515,3520-3525,3530-3535,3540-3545,3550-3555,3560-3565,3570-3575 a N6
3600-3605,3610-3615,3620-3625,3630-3635,3640-3645,3650-3655,3660-3665,3670-3675,3680-3685,3690-3695 a N6
3900-3909,3920-3929 a N1-15
3910-3919,3930-3939 a N3+N1-15
3940-3943 a N4
3950-3955 a N6
400,403 a X1-30
401 k X1-30p
402 k N17#p
410-413,416 a N13#p
414,417 k N13#p
415 k N13#p
420 a X1-20
421 a N3+X1-9
422,424,426 a N3
423,425 a N3+N3?+N3?+N3?+N3?
427 a X1-3
4300,4301,4310,4311,4320 a X1-35
4302-4306,4312-4316 a X1-70
4307,4317 a X2
4308,4319 a X1-30
4309 a N20
4318 a X1-20
4321-4323 a N1
4324,4325 a N6d+N4
4326 a N6D
4330-4333 a N6+X1?
7001 a N13
7002 a X1-30
7003 a N6D+N4
7004 a N1-4
7005 a X1-12
7006 a N6D
7007 a N6D+N6D?
7008 a X1-3
7009 a X1-10
7010 a X1-2
7011 a N6D+N4?
7020-7022 a X1-20
7023 a X1-30p
7030-7039 a N3+X1-27
7040 q N1+X3
7041 q X1-4
710-716 a X1-20
7230-7239 a X2+X1-28
7240 a X1-20
7241 a N2
7242 a X1-25
7250 a N8
7251 a N12
7252 a N1
7253,7254,7259 a X1-40
7255 a X1-10
7256 a X1-90
7257 a X1-70
7258 a X3
8001 a N14
8002 a X1-20
8003 k N1+N13#p+X1-16?
8004 k X1-30p
8005 a N6
8006 k N14#p+N4
8007 a X1-34
8008 a N6D+N2+N2?+N2?
8009 a X1-50
8010 k Y1-30p
8011 q N1-12
8012 a X1-20
8013 k X1-25p
8014 q X1-25
8017,8018 k N18#p
8019 q N1-10
8020 q X1-25
8026 a N14#p+N4
8030 a Z1-90
8110,8112 a X1-70
8111 a N4
8200 q X1-70
90 a X1-30
91-99 a X1-90
"""

# Section 4.9: after the key its qualifiers, in this order, each of them optional; "|" separates alternatives.
_QUALIFIERS = {
    "01": (("22", "10", "21"), ("235",)),
    "8006": (("22", "10", "21"),),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8004": (("7040",),),
    "8010": (("8011",),),
    "8017": (("8019",),),
    "8018": (("8019",),),
}

_CHARACTERS = {
    "N": "[0-9]",
    "X": r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]",
    "Y": r"[#\-/0-9A-Z]",
    "Z": r"[A-Za-z0-9_\-=]",
}
_COMPONENT = re.compile(r"([NXYZ])([0-9]+)(?:-([0-9]+))?([#dDp]*)(\??)\Z")
# General Specifications figure 7.8.5-2: these first two digits need no separator after the value.
_FIXED_LENGTH = {"00", "01", "02", "03", "04", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20"} | {
    "31", "32", "33", "34", "35", "36", "41",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Element:
    """What one Application Identifier may hold."""

    ai: str
    is_key: bool
    is_attribute: bool
    pattern: re.Pattern[str]
    marks: tuple[str, ...]
    """For each group of the pattern, its marks."""

    @property
    def needs_separator(self) -> bool:
        """Whether FNC1 has to follow the value in an element string."""
        return self.ai[:2] not in _FIXED_LENGTH

    def matches(self, value: str) -> bool:
        """Whether length and characters are right; check digits and dates are not looked at."""
        return self.pattern.match(value) is not None

    def check(self, value: str) -> None:
        """Raises `InvalidGs1Key` unless the value may stand under this AI."""
        match = self.pattern.match(value)
        if match is None:
            raise InvalidGs1Key.one(
                self.ai,
                "gs1.format",
                value,
                f"the value of AI {self.ai} has a wrong length or a character that is not allowed",
            )
        for part, marks in zip(match.groups(), self.marks, strict=True):
            if not part:
                continue
            if "#" in marks and not has_check_digit(part):
                raise InvalidGs1Key.one(
                    self.ai, "gs1.check-digit", value,
                    f"the check digit in AI {self.ai} should be {check_digit(part[:-1])}, not {part[-1]}",
                )  # fmt: skip
            if ("d" in marks or "D" in marks) and not _is_date(part, "d" in marks):
                raise InvalidGs1Key.one(
                    self.ai, "gs1.date", value, f"AI {self.ai} holds a date YYMMDD that there is not"
                )
            if "p" in marks and not _begins_with_prefix(self.ai, part):
                raise InvalidGs1Key.one(
                    self.ai, "gs1.company-prefix", value, f"AI {self.ai} begins with a GS1 company prefix of digits"
                )


def find_element(ai: str) -> Element | None:
    """The element of that Application Identifier; None where there is no such AI."""
    return _ELEMENTS.get(ai)


def element_of(ai: str) -> Element:
    """The element of that Application Identifier; `InvalidGs1Key` where there is no such AI."""
    element = _ELEMENTS.get(ai)
    if element is None:
        raise InvalidGs1Key.one(ai, "gs1.unknown-ai", ai, f"there is no Application Identifier {ai}")
    return element


def is_key_sequence(ais: tuple[str, ...]) -> bool:
    """Whether these AIs are a primary key with qualifiers in an order that a Digital Link's path may have."""
    if not ais or (key := _ELEMENTS.get(ais[0])) is None or not key.is_key:
        return False
    rest = ais[1:]
    for order in _QUALIFIERS.get(ais[0], ()):
        places = [order.index(ai) if ai in order else -1 for ai in rest]
        if -1 not in places and places == sorted(set(places)):
            return True
    return not rest


def _is_date(text: str, day_may_be_zero: bool) -> bool:
    month, day = int(text[2:4]), int(text[4:6])
    if day == 0:
        return day_may_be_zero and 1 <= month <= 12
    # The century of a two-digit year slides; 1900 was no leap year, every other candidate for "00" that matters is.
    february = 29 if int(text[:2]) % 4 == 0 else 28
    lengths = (31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= 12 and day <= lengths[month - 1]


def _begins_with_prefix(ai: str, part: str) -> bool:
    # In a GTIN, an SSCC and an ITIP the prefix stands after one digit that is the company's own.
    start = 1 if ai in {"00", "01", "02", "03", "8006", "8026"} else 0
    return re.match(r"[0-9]{4}", part[start:]) is not None


def _element(ai: str, flag: str, spec: str) -> Element:
    pattern, marks = "", []
    for component in spec.split("+"):
        match = _COMPONENT.match(component)
        if match is None:
            raise ValueError(f"the table of elements holds {component}")
        kind, shortest, longest, component_marks, optional = match.groups()
        length = f"{{{shortest},{longest}}}" if longest else f"{{{shortest}}}"
        pattern += f"({_CHARACTERS[kind]}{length}){optional}"
        marks.append(component_marks)
    return Element(ai, flag == "k", flag in "ka", re.compile(pattern + r"\Z"), tuple(marks))


def _elements() -> dict[str, Element]:
    elements: dict[str, Element] = {}
    for row in _TABLE.strip().splitlines():
        ais, flag, spec = row.split()
        for span in ais.split(","):
            first, _, last = span.partition("-")
            for number in range(int(first), int(last or first) + 1):
                ai = str(number).zfill(len(first))
                elements[ai] = _element(ai, flag, spec)
    return elements


_ELEMENTS = _elements()
