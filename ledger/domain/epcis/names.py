"""
JSON-LD names in EPCIS documents: which namespace a prefix stands for, which word a value means; no I/O.

As much of JSON-LD 1.1 (sections 4.1 to 4.3) as EPCIS 2.0 uses: `@context` is the standard context's address, objects
that declare prefixes, or a list of both. Addresses of other contexts are never fetched, so they declare nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ledger.domain.epcis.vocabulary import CBV, CBV_URNS, WORDS_BY_CBV_PREFIX

STANDARD_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_STANDARD_CONTEXT = re.compile(
    r"https?://(?:ref\.gs1\.org/standards/epcis/(?:[0-9]+\.[0-9]+\.[0-9]+/)?|gs1\.github\.io/EPCIS/)epcis-context\.jsonld\Z"
)
STANDARD_PREFIXES: Mapping[str, str] = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": CBV,
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": "https://gs1.org/voc/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}
"""What the standard context declares."""

_CBV_URN = re.compile(r"urn:epcglobal:cbv:([a-z]+):([a-z_]+)\Z")


Frozen = tuple[str | tuple[tuple[str, str], ...], ...]
"""The entries of contexts as a value that can be compared and remembered: addresses, and what objects declare."""
_MOST_ENTRIES, _LONGEST = 32, 256


def is_standard_context(address: object) -> bool:
    """Whether this is the address of GS1's EPCIS 2.x context, in any of its versions."""
    return isinstance(address, str) and _STANDARD_CONTEXT.match(address) is not None


def context_items(context: object) -> list[object]:
    """The entries of a `@context`, which may be one alone; None counts as an entry."""
    return context if isinstance(context, list) else [context]


def has_standard_context(context: object) -> bool:
    """Whether the standard context is among the entries."""
    return any(is_standard_context(item) for item in context_items(context))


def frozen_context(*contexts: object) -> Frozen | None:
    """
    The entries of the contexts, one after the other, as a value. Events that come together mostly have one context, so
    that what follows from it is worked out once. None for one that is large, or declares more than plain prefixes.
    """
    known, answer = _last[0]
    # The known ones are copies, so that what was changed in place since is not taken for what it was.
    if known == contexts:
        return answer
    answer = _frozen(contexts)
    if answer is not None:
        _last[0] = tuple(map(_copied, contexts)), answer
    return answer


def _frozen(contexts: tuple[object, ...]) -> Frozen | None:
    entries: list[str | tuple[tuple[str, str], ...]] = []
    for context in contexts:
        for item in context if type(context) is list else (context,):
            if type(item) is str:
                if len(item) > _LONGEST:
                    return None
                entries.append(item)
            elif type(item) is dict and len(item) <= _MOST_ENTRIES:
                for term, definition in item.items():
                    if type(definition) is not str or len(definition) > _LONGEST or len(term) > _LONGEST:
                        return None
                entries.append(tuple(item.items()))
            else:
                return None
    return tuple(entries) if len(entries) <= _MOST_ENTRIES else None


_last: list[tuple[tuple[object, ...], Frozen | None]] = [((), ())]
"""
The contexts that were asked for last, with the answer: the next event mostly has the same, and comparing them takes a
tenth of making the answer. All that has an answer is lists, objects and texts, so what is equal has the same one; but
for the order within an object, which means nothing.
"""


def _copied(context: object) -> object:
    if isinstance(context, list):
        return [_copied(item) for item in context]
    return dict(context) if isinstance(context, dict) else context


def prefixes_of(*contexts: object) -> Mapping[str, str]:
    """As `declared_prefixes`; what a context declares is remembered."""
    frozen = frozen_context(*contexts)
    return declared_prefixes(*contexts) if frozen is None else prefixes_of_frozen(frozen)


@lru_cache(maxsize=256)
def prefixes_of_frozen(frozen: Frozen) -> Mapping[str, str]:
    """The prefixes that these entries declare."""
    return declared_prefixes([item if isinstance(item, str) else dict(item) for item in frozen])


def declared_prefixes(*contexts: object) -> Mapping[str, str]:
    """
    The prefixes that contexts declare, the outer context first; a later declaration replaces an earlier one.
    Definitions that are objects (types of terms) declare no prefix unless they name an `@id` and say `@prefix`.

    A definition may use a prefix of an earlier entry. One that uses a prefix of its own entry stays as it is written,
    which is no absolute IRI: members of an object have no order in what is hashed, so none may count here.
    """
    prefixes: dict[str, str] = {}
    for context in contexts:
        for item in context_items(context):
            if is_standard_context(item):
                prefixes.update(STANDARD_PREFIXES)
            elif isinstance(item, dict):
                declared = dict(_declared(item))
                for term, definition in declared.items():
                    own = definition.partition(":")[0] in declared
                    prefixes[term] = definition if own else expand(definition, prefixes)
    return prefixes


def _declared(item: Mapping[object, object]) -> Iterator[tuple[str, str]]:
    """The prefixes that one entry declares, and what stands there for each."""
    for term, definition in item.items():
        if isinstance(definition, dict) and definition.get("@prefix") is True:
            definition = definition.get("@id")
        if isinstance(term, str) and isinstance(definition, str) and ":" not in term and term[:1] != "@":
            yield term, definition


def is_absolute(name: str) -> bool:
    """Whether a name is a whole IRI by itself (with `//`, or a URN); else what stands before the colon is a prefix."""
    _, colon, rest = name.partition(":")
    return bool(colon) and (rest.startswith("//") or name[:4].lower() == "urn:")


def expand(name: str, prefixes: Mapping[str, str]) -> str:
    """The name with its prefix replaced; names without a declared prefix come back as they are."""
    prefix, colon, local = name.partition(":")
    if colon and not local.startswith("//") and (namespace := prefixes.get(prefix)) is not None:
        return namespace + local
    return name


def expanded(context: object, member: str) -> str:
    """The full name of a member under a `@context`: `silkroot:party` becomes `https://silkroot.example/epcis/party`."""
    return expand(member, prefixes_of(context))


def namespace_and_local(name: str, prefixes: Mapping[str, str]) -> tuple[str, str] | None:
    """Namespace and local name of a prefixed member or of a whole IRI (cut after its last `/`, `#` or `:`), or None."""
    prefix, colon, local = name.partition(":")
    if not colon:
        return None
    if not local.startswith("//") and (namespace := prefixes.get(prefix)) is not None:
        return namespace, local
    if not is_absolute(name):
        return None
    cut = max(name.rfind("/"), name.rfind("#"), name.rfind(":")) + 1
    return name[:cut], name[cut:]


@lru_cache(maxsize=4096)
def bare_word(value: str) -> str:
    """
    The local name of a CBV term however it is written: bare, `cbv:BizStep-shipping`,
    `https://ref.gs1.org/cbv/BizStep-shipping` or `urn:epcglobal:cbv:bizstep:shipping` become `shipping`. Anything
    else comes back as it is.
    """
    if (match := _CBV_URN.match(value)) is not None:
        class_prefix = CBV_URNS.get(match[1])
        return match[2] if class_prefix and match[2] in WORDS_BY_CBV_PREFIX[class_prefix] else value
    for start in (CBV, "http://ref.gs1.org/cbv/", "cbv:"):
        if value.startswith(start):
            rest = value[len(start) :]
            for class_prefix, words in WORDS_BY_CBV_PREFIX.items():
                if rest.startswith(class_prefix) and rest[len(class_prefix) :] in words:
                    return rest[len(class_prefix) :]
    return value


def is_unknown_cbv_term(value: str) -> bool:
    """Whether a value lies in the CBV namespace but is no term of CBV 2.0."""
    in_namespace = value.startswith((CBV, "http://ref.gs1.org/cbv/", "cbv:", "urn:epcglobal:cbv:"))
    return in_namespace and bare_word(value) == value
