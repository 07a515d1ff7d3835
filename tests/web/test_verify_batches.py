"""Whatever stands in a proof of a batch, the verifier in TypeScript reads, refuses and believes what Python does."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

from batch_vectors import CHAIN_ID, CONTRACT, DOMAIN, VECTORS_FILE
from event_mutations import ODD
from hypothesis import strategies as st
from shared_answers import ROUNDS, agree, answer, drawn
from web_library import ask

from ledger.domain.batch_signatures import batch_digest_of, is_signed
from ledger.domain.json_tree import parse_json_object
from ledger.domain.proof_json import proof_from_json
from ledger.domain.typed_data import digest

VECTORS: dict[str, Any] = json.loads(VECTORS_FILE.read_text(encoding="utf-8"))
PROOFS = [event["proof"] for batch in VECTORS["batches"] for event in batch["events"]]
PLACES = [proof["batch"] for proof in PROOFS]


@st.composite
def altered(draw: st.DrawFn) -> str:
    """A proof whose place in the batch, or one member of it, is another; some stay as they were."""
    proof = copy.deepcopy(draw(st.sampled_from(PROOFS)))
    match draw(st.integers(0, 5)):
        case 0:
            proof["batch"] = copy.deepcopy(draw(st.sampled_from([*PLACES, *ODD])))
        case 1 | 2:
            name = draw(st.sampled_from(["root", "count", "index", "path"]))
            other = draw(st.sampled_from(PLACES))[name]
            proof["batch"][name] = draw(
                st.just(other) | st.sampled_from(ODD) | st.sampled_from([-1, 0, 4, 1_000, 1_001])
            )
        case 3:
            path = proof["batch"]["path"]
            at = draw(st.integers(0, len(path)))
            proof["batch"]["path"] = (
                path[:at] + draw(st.sampled_from(["", "A", "=", "==", "é", "-", "AAAA"])) + path[at + 1 :]
            )
        case 4:
            del proof["batch"][draw(st.sampled_from(sorted(proof["batch"])))]
    return json.dumps(proof)


def signed(text: str) -> dict[str, Any]:
    def read() -> dict[str, Any]:
        proof = proof_from_json(parse_json_object(text))
        batch = batch_digest_of(DOMAIN, proof)
        return {"signed": is_signed(digest(DOMAIN, proof.action), proof.key_id, proof, batch)}

    return answer(read)


def test_altered_proofs_of_batches(library: Path) -> None:
    texts = drawn(altered())
    expected = [signed(text) for text in texts]
    questions = [{"ask": "proof", "text": text, "chainId": str(CHAIN_ID), "ledger": CONTRACT} for text in texts]
    agree(texts, expected, ask(library, questions))
    found = Counter(one.get("rule", one.get("signed")) for one in expected)
    assert found[True] > ROUNDS // 20, "some still hold"
    assert set(found) >= {True, False, "proof.form", "batch.count", "batch.index", "batch.path"}
