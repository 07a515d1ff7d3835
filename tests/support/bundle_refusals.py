"""
What is wrong with the form of a bundle, and how every reader has to refuse it: the place, the rule, and the change that
breaks it. The bundle is one of `bundle_samples.bundle_of` with five events.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

Change = Callable[[Any], None]
"""Changes the JSON tree of a bundle in place."""


def without(*way: str | int) -> Change:
    def change(tree: Any) -> None:
        for key in way[:-1]:
            tree = tree[key]
        del tree[way[-1]]

    return change


def with_value(value: object, *way: str | int) -> Change:
    def change(tree: Any) -> None:
        for key in way[:-1]:
            tree = tree[key]
        tree[way[-1]] = value

    return change


def twice(tree: Any) -> None:
    tree["events"].append(copy.deepcopy(tree["events"][1]))


REFUSALS: list[tuple[str, str, Change]] = [
    ("/format", "bundle.form", with_value("silkroot-proof-2", "format")),
    ("/format", "bundle.form", without("format")),
    ("/made", "bundle.members", without("made")),
    ("/made", "bundle.form", with_value("2026-11-29 12:00:00Z", "made")),
    ("/made", "bundle.form", with_value("2026-13-29T12:00:00Z", "made")),
    ("/more", "bundle.members", with_value(1, "more")),
    ("/a~1b", "bundle.members", with_value(1, "a/b")),
    ("/lot/product", "bundle.form", with_value(19520001000017, "lot", "product")),
    ("/lot/product", "product.range", with_value("0" * 14, "lot", "product")),
    ("/lot/lotCode", "gs1.ai10", with_value("ü", "lot", "code")),
    ("/chain/eventLog", "bundle.members", without("chain", "eventLog")),
    ("/chain/chainId", "bundle.form", with_value("31337", "chain", "chainId")),
    ("/chain/eventLog", "bundle.form", with_value("0x" + "AB" * 20, "chain", "eventLog")),
    ("/checkpoint/root", "bundle.form", with_value("A" * 43 + "B=", "checkpoint", "root")),
    ("/checkpoint/size", "bundle.form", with_value(-1, "checkpoint", "size")),
    ("/events/0/log", "bundle.checkpoint", without("checkpoint")),
    ("/events/3/log/index", "bundle.checkpoint", with_value(3, "checkpoint", "size")),
    ("/hashes/0", "bundle.form", with_value("AAAA", "hashes", 0)),
    ("/events/5", "bundle.twice", twice),
    ("/events/0/log/path/0", "bundle.form", with_value(999, "events", 0, "log", "path", 0)),
    ("/events/0/log/path", "bundle.size", with_value([0] * 65, "events", 0, "log", "path")),
    ("/events/0/state", "bundle.form", with_value("sent", "events", 0, "state")),
    ("/events/0/refusal", "bundle.members", with_value("refused", "events", 0, "state")),
    ("/events/0/refusal", "bundle.members", with_value("rule", "events", 0, "refusal")),
    ("/events/0/event", "bundle.form", with_value([], "events", 0, "event")),
    ("/events/0/event/recordTime", "bundle.members", with_value("2026", "events", 0, "event", "recordTime")),
    ("/events/0/proof", "proof.form", without("events", 0, "proof", "keyId")),
    ("/events/0/proof/scheme", "proof.form", with_value(3, "events", 0, "proof", "scheme")),
    ("/events/0/proof/signature", "bundle.size", with_value("0x" + "00" * 2000, "events", 0, "proof", "signature")),
    ("/events/4/proof/batch/index", "batch.index", with_value(5, "events", 4, "proof", "batch", "index")),
    ("/events/4/proof/batch/count", "batch.count", with_value(1001, "events", 4, "proof", "batch", "count")),
    ("/events/4/proof/batch/path", "batch.path", with_value("", "events", 4, "proof", "batch", "path")),
    ("/events/4/proof/batch/root", "proof.form", with_value("0x", "events", 4, "proof", "batch", "root")),
    ("/events/0/proof/action/grams", "action.number", with_value(5, "events", 0, "proof", "action", "grams")),
    ("/events/0/proof/action/type", "action.type", with_value("Gift", "events", 0, "proof", "action", "type")),
    ("/events/0/disclosures", "bundle.members", with_value([], "events", 0, "disclosures")),
    ("/events/0/disclosures/0", "bundle.form", with_value([1], "events", 0, "disclosures")),
    ("/events/0/erased", "bundle.form", with_value("A" * 43, "events", 0, "erased")),
    ("/events/0/erased", "bundle.members", with_value([], "events", 0, "erased")),
    ("/events/0/erased", "bundle.size", with_value(["A" * 43] * 1001, "events", 0, "erased")),
    ("/events/0/erased/0", "bundle.form", with_value([1], "events", 0, "erased")),
    ("/events/0/erased/0", "bundle.form", with_value(["A" * 42], "events", 0, "erased")),
    ("/events/0/erased/0", "bundle.form", with_value(["A" * 43 + "="], "events", 0, "erased")),
    ("/events/0/erased/0", "bundle.form", with_value(["A" * 43 + "\n"], "events", 0, "erased")),
    ("/events/0/erased/1", "bundle.form", with_value(["B" * 43, "A" * 43], "events", 0, "erased")),
    ("/events/0/erased/1", "bundle.twice", with_value(["A" * 43, "A" * 43], "events", 0, "erased")),
]
