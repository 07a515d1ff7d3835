"""
Operations on what parties have: stock by party, mass balances of parties and lots. For the operator only: the public
port has no route for them.
"""

from __future__ import annotations

import asyncio
from datetime import datetime

from api.control.lot_text import lot_of_text, party_of_text
from api.control.protocol import Params, ProgressCallback, Result
from ledger.domain.errors import InvalidGs1Key, InvalidInput
from ledger.domain.identifiers import LotId
from ledger.domain.mass_balance import MassBalance
from ledger.domain.master_data import text_in
from ledger.domain.paging import key_of, lot_in, token_of
from ledger.domain.question_names import microseconds
from ledger.services.mass_balance import lot_balance, party_balance
from ledger.wiring import Ledger


async def stock(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The lots of which `party` has anything, by lot id: `limit` of them behind the place that `after` names."""

    def work() -> Result:
        party, limit, after = party_of_text(params["party"]), params.get("limit", 1000), params.get("after", "")
        start = LotId(lot_in(key_of(after, 1)[0], after)) if after else None
        rows = ledger.store.questions.stock(party, int(ledger.clock.now()), start, limit + 1)
        page, products = rows[:limit], ledger.store.master_data().products
        told = []
        for row in page:
            product = products.get(row.ref.product) if row.ref else None
            told.append({
                "lot": str(row.ref) if row.ref else "0x" + row.lot.hex(),
                "name": text_in(product.name, params.get("lang", "en")) if product else "",
                "onHand": row.on_hand, "going": row.going, "coming": row.coming, "inDispute": row.disputed,
                "pledged": row.pledged,
            })  # fmt: skip
        return {
            "party": f"{party:013d}",
            "lots": told,
            "next": token_of(page[-1].lot.hex()) if len(rows) > limit else "",
        }

    return await asyncio.to_thread(work)


async def balance(ledger: Ledger, params: Params, progress: ProgressCallback) -> Result:
    """The mass balance of `about`: a party, with `since` and `before` (ISO 8601) over a period, or a lot."""

    def work() -> Result:
        text, questions = params["about"], ledger.store.questions
        since, before = (_time(name, params.get(name, "")) for name in ("since", "before"))
        if text.isdigit():
            try:
                party = party_of_text(text)
            except InvalidGs1Key:
                if ledger.store.lots_with_code(text):
                    party = None
                else:
                    raise
            if party is not None:
                told = party_balance(questions, party, since, before)
                return {"party": f"{party:013d}"} | _told(told)
        if since is not None or before is not None:
            message = "a lot's balance is over its whole time: leave --from and --to out"
            raise InvalidInput.one("since" if since is not None else "before", "balance.period", text, message)
        lot = lot_of_text(ledger.store, text)
        return {"lot": str(lot)} | _told(lot_balance(questions, lot))

    return await asyncio.to_thread(work)


def _told(balance: MassBalance) -> Result:
    return {
        "opening": balance.opening,
        "in": {account.value: grams for account, grams in balance.came_in.items()},
        "out": {account.value: grams for account, grams in balance.went_out.items()},
        "closing": balance.closing,
        "counted": balance.counted,
        "difference": balance.difference,
        "aside": balance.aside,
    }


def _time(name: str, text: str) -> int | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput.one(
            name, "parameter.time", text, "a time is ISO 8601 with a zone: 2026-08-05T00:00:00+08:00"
        )
    return microseconds(moment)


ACCOUNTS = {"stock": stock, "balance": balance}
