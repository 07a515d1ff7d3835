"""
Errors other than broken rules, in the reader's language: their messages are English sentences with values in them.

A message that people meet often has words of its own here, found again by its English form; any other is told by what
kind of error it is, with the message itself behind, which names paths, hosts and programs and is for whoever mends it.
"""

from __future__ import annotations

import re
from functools import cache

from api.catalogues import N_, Catalogue
from ledger.domain.errors import SilkrootError

KINDS = {
    "SilkrootError": N_("This could not be done."),
    "InvalidInput": N_("A rule is broken."),
    "NotFound": N_("There is nothing of that name here."),
    "Conflict": N_("Something else stands there already."),
    "ChainError": N_("Something is wrong with the chain."),
    "ChainUnavailable": N_("The chain does not answer. Try again in a minute."),
    "WrongChain": N_("The chain that answers is not this ledger's."),
    "LogUnavailable": N_("The log does not answer. Try again in a minute."),
    "StoreError": N_("The database failed."),
    "KeyLocked": N_("A key cannot be opened."),
    "WorkerLost": N_("A process that was at it ended; do it again."),
    "LedgerBusy": N_("Another process uses this ledger; end it first."),
    "LeaseLost": N_("Another process does this work by now."),
    "MissingTool": N_("A program that is needed is not installed."),
    "UnusableSettings": N_("These settings cannot be used."),
}
"""Msgids by the class of the error; a class without its own is told as its nearest ancestor."""

MESSAGES = (
    N_("no lot has the code %(code)s; `silkroot lots` lists them"),
    N_("no event names lot %(lot)s"),
    N_("no lot %(lot)s"),
    N_("no event %(event)s"),
    N_("party %(party)s has shipped nothing under %(reference)s"),
    N_("no event brought lot %(lot)s into being here"),
    N_("no certifier has registered plot %(plot)s"),
    N_("no proposal %(number)s waits; `silkroot proposals` lists them"),
    N_("event %(number)s of party %(party)s waits for no other signature"),
    N_("no key of party %(party)s is kept here"),
    N_("product %(product)s is not registered"),
    N_("no key is kept for %(party)s; register the party first"),
    N_("lot %(lot)s is tampered with already; heal it first: silkroot demo restore %(again)s"),
    N_("nothing of lot %(lot)s was tampered with"),
    N_("nothing is deployed yet: there is no %(path)s; start the ledger once with `silkroot up`"),
    N_("%(folder)s holds no ledger: there is nothing to begin again"),
    N_("%(folder)s is in use by process %(process)s"),
    N_("the chain at %(url)s cannot be asked: %(reason)s"),
    N_("port %(port)s on loopback is taken by another program: %(reason)s"),
    N_("the service closed the connection before it answered; look at its log, then ask again"),
)
"""Messages that have words of their own; a test finds each in the sources."""

FAULTS = (
    N_("its bytes are gone"),
    N_("it is not what was kept, or cannot be read any more"),
    N_("it has %(found)s bytes, not %(size)s"),
    N_("it was erased, but its bytes are there; erase it again"),
    N_("it was erased, but it has to be kept for a certificate"),
    N_("the index does not say what the event says"),
    N_("it is missing"),
    N_("the row is not what was written"),
    N_("the body is not JSON any more: %(reason)s"),
    N_("the body is not in its canonical form"),
    N_("the event implies no action any more: %(reason)s"),
    N_("the event implies another action than the one that was signed"),
    N_("it is recorded for party %(recorded)s, but %(signer)s signed"),
    N_("the signature is not by key %(key)s over the action"),
    N_("it has no entry in the outbox"),
    N_("its entry cannot be made again: %(reason)s"),
    N_("its entry in the outbox is not the signed action"),
    N_("the content hashes to %(found)s, not to the signed %(signed)s"),
    N_("the body has eventID %(found)s, recorded was %(recorded)s"),
    N_("an error declaration and an event were taken for each other"),
    N_("the lots that it names cannot be read: %(reason)s"),
    N_("the index of lots is not that of the event"),
    N_("no search finds it: it is missing in the index"),
    N_("searches find it by what it does not say: %(columns)s"),
    N_("disclosure %(number)s is missing"),
    N_("disclosure %(number)s: the row is not what was written"),
    N_("disclosure %(number)s: its digest does not stand in the event"),
    N_("disclosure %(number)s: its text has another digest"),
    N_("disclosure %(number)s: it is of %(found)s, not of %(recorded)s"),
    N_("its disclosures do not open it: %(reason)s"),
    N_("there is no such event"),
    N_("entry %(entry)s is missing"),
    N_("its event %(event)s is missing"),
    N_("lot %(lot)s is not %(name)s"),
    N_("consignment %(consignment)s is not %(shipper)s's %(reference)s"),
    N_("%(what)s is %(found)s, the entries make it %(expected)s"),
)
"""What `silkroot fsck` finds; a fault without words here is told in English."""

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@cache
def _pattern(message: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(message)
    return re.compile("".join(f"(?P<{part}>.+?)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)))


def error_words(error: SilkrootError, catalogue: Catalogue) -> str:
    """The error in the catalogue's language; the English catalogue leaves the message as it is."""
    text = str(error)
    if not catalogue.texts:
        return text
    if told := _told(text, MESSAGES, catalogue):
        return told
    kind = next((KINDS[each.__name__] for each in type(error).__mro__ if each.__name__ in KINDS), "")
    return f"{catalogue.gettext(kind)} ({text})" if kind else text


def fault_words(what: str, catalogue: Catalogue) -> str:
    """What `silkroot fsck` found at one place, in the catalogue's language."""
    return _told(what, FAULTS, catalogue) or what


def _told(text: str, messages: tuple[str, ...], catalogue: Catalogue) -> str:
    for message in messages:
        if found := _pattern(message).fullmatch(text):
            return catalogue.gettext(message) % found.groupdict()
    return ""
