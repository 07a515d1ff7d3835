"""
Topics of a message broker, and what their levels say of a message; no I/O.

A template is a topic whose levels `{party}` and `{device}` stand for any one level. MQTT 5.0, section 4.7: levels are
parted by `/`, `+` in a filter is any one level, and a level is never a part of one. Raises `InvalidInput`, rule
`gateway.template` or `gateway.topic`.

>>> template = TopicTemplate.parse("silkroot/{party}/{device}/events")
>>> template.filter
'silkroot/+/+/events'
>>> template.place("silkroot/9520001000089/logger-7/events")
Place(party='9520001000089', device='logger-7')
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.domain.errors import InvalidInput

PARTY, DEVICE = "{party}", "{device}"
MOST_BYTES = 1_000
"""Of a template; a broker takes 65,535."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a topic says: whose device, and which. Empty where the template has no such level."""

    party: str = ""
    device: str = ""


@dataclass(frozen=True, slots=True)
class TopicTemplate:
    """The levels of a template."""

    levels: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> TopicTemplate:
        """The template behind a text."""
        levels = tuple(text.split("/"))
        if not text or "\0" in text or len(text.encode("utf-8", "replace")) > MOST_BYTES:
            raise _no_template(text, f"a topic has 1 to {MOST_BYTES} bytes")
        if text.startswith("$"):
            raise _no_template(text, "topics that begin with $ are the broker's own")
        for name in (PARTY, DEVICE):
            if levels.count(name) > 1:
                raise _no_template(text, f"{name} stands for one level")
        if any(set("+#{}") & set(level) for level in levels if level not in (PARTY, DEVICE)):
            raise _no_template(text, f"only {PARTY} and {DEVICE} stand for something, each for a whole level")
        return cls(levels)

    @property
    def filter(self) -> str:
        """What is subscribed to."""
        return "/".join("+" if level in (PARTY, DEVICE) else level for level in self.levels)

    def place(self, topic: str) -> Place:
        """What the topic says; `InvalidInput` where it is none of the template's."""
        given = topic.split("/")
        found = {name: level for name, level in zip(self.levels, given, strict=False) if name in (PARTY, DEVICE)}
        same = all(
            name == level for name, level in zip(self.levels, given, strict=False) if name not in (PARTY, DEVICE)
        )
        if len(given) != len(self.levels) or not same or not all(found.values()):
            message = f"this is no topic of the form {'/'.join(self.levels)}"
            raise InvalidInput.one("topic", "gateway.topic", topic, message)
        return Place(found.get(PARTY, ""), found.get(DEVICE, ""))


def _no_template(text: str, message: str) -> InvalidInput:
    return InvalidInput.one("topic", "gateway.template", text, message)
