"""Commands that read: lots, a lot's story and verdict, its trace, its events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from api.cli.arguments import LotText, ask
from api.cli.output import (
    CANNOT_TELL,
    VERDICT_EXITS,
    Json,
    err,
    out,
    print_json,
    table,
    verdict_text,
)  # fmt: skip
from api.cli.verdict_words import CHECKS, QUALIFIERS
from api.cli.words import N_, _, formats, language, ngettext, number


def add_to(app: typer.Typer) -> None:
    """Registers the commands."""
    app.command("lots")(lots)
    app.command("show")(show)
    app.command("trace")(trace)
    app.command("export")(export)
    app.command("proof")(proof)


def lots(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at the most.")] = 100,
    after: Annotated[str, typer.Option(metavar="LOT", help="Go on behind this lot.")] = "",
    as_json: Json = False,
) -> None:
    """List the lots, in order of product and lot code."""
    result = ask("lots", as_json, limit=limit, after=after)
    if as_json:
        print_json(result)
        return
    table((_("lot"), _("product")), [[row["lot"], row["name"]] for row in result["lots"]])
    if result["next"]:
        err.print(Text(_("More: silkroot lots --after %(lot)s", lot=result["next"])))


def show(
    lot: LotText,
    reveal: Annotated[bool, typer.Option("--reveal", help="Also what sealed members say.")] = False,
    as_json: Json = False,
) -> None:
    """Check a lot against the chain and tell its story. Exit 0: verified; 1: not; 2: pending or could not be asked."""
    story = ask("story", as_json, lot=lot, reveal=reveal)
    if as_json:
        print_json(story)
    else:
        _tell(story)
    raise typer.Exit(VERDICT_EXITS.get(story["verdict"], CANNOT_TELL))


def _tell(story: dict[str, Any]) -> None:
    names = story["partyNames"]
    lot = story["lot"]
    out.print(Text.assemble((f"{lot['product']}/{lot['lot']} ", "bold"), verdict_text(story["verdict"])))
    for check in story["checks"]:
        out.print(Text(f"  {_MARKS[check['outcome']]} {_(CHECKS[check['name']])}: {_reason(check, story)}"))
        for finding in check["findings"]:
            for difference in finding["differences"]:
                signed, found = difference["signed"], difference["found"]
                changed = _("signed %(signed)s, found %(found)s", signed=signed, found=found)
                out.print(Text(f"      {difference['member']}: {changed}"))
    for sentence in lot_facts(story):
        out.print(Text(f"  {sentence}"))
    if story["qualifiers"]:
        named = formats().joined(_(QUALIFIERS[code]) for code in story["qualifiers"])
        out.print(Text("  " + _("with: %(qualifiers)s", qualifiers=named), style="dim"))
    for branch in story["branches"]:
        held = formats().joined(
            _(_WORDS[name], amount=formats().kilograms(grams)) for name, grams in branch["grams"].items() if grams
        )
        who = names.get(branch["holder"], branch["holder"])
        out.print(Text.assemble(f"  ↳ {who}: ", verdict_text(branch["verdict"]), f" {held}"))
        if branch["temperature"] is not None:
            # Imported here: other commands start faster without it.
            from api.views.climate_words import climate_words

            out.print(Text(f"      {climate_words(branch['temperature'], formats())}", style="dim"))
    _tell_sealed(story)


def _tell_sealed(story: dict[str, Any]) -> None:
    """How much the events withhold, how much of it was erased, and what the rest says where that was asked for."""
    withheld = sum(place["count"] for event in story["events"] for place in event["withheld"] or ())
    erased = sum(event["erased"] for event in story["events"])
    if withheld:
        told = ngettext("%(count)s member is sealed", "%(count)s members are sealed", withheld)
        out.print(Text(f"  {told}", style="dim"))
    if erased:
        told = ngettext("%(count)s sealed member was erased", "%(count)s sealed members were erased", erased)
        out.print(Text(f"  {told}", style="dim"))
    for event in story["events"]:
        for item in event.get("revealed", ()):
            value = item["value"] if isinstance(item["value"], str) else json.dumps(item["value"], ensure_ascii=False)
            out.print(Text(f"    {event['sequence']} {item['place']}: {value}"))


def lot_facts(story: dict[str, Any]) -> list[str]:
    """That the lot was annulled; its certified share and who certified it. Nothing is said of nothing."""
    facts = []
    if story["lotGrams"] == 0:
        facts.append(_("Its maker withdrew this lot as a mistake: no fruit is recorded under this number."))
    share = story["certified"]
    if share:
        title = _("Certified origin")
        if share < 100:
            title = _("%(share)s of it is of certified origin", share=f"{share}%")
        names = story["partyNames"]
        sources = dict.fromkeys(
            f"{names.get(origin['certifier'], origin['certifier'])} {origin['season']}"
            for origin in story["certifiedOrigins"]
        )
        facts.append(f"{title} ({formats().joined(sources)})" if sources else title)
    return facts


_MARKS = {"passed": "✓", "failed": "✗", "pending": "…", "not-made": "?"}
_WORDS = {
    "onHand": N_("on hand %(amount)s"),
    "inTransit": N_("in transit %(amount)s"),
    "sold": N_("sold %(amount)s"),
    "destroyed": N_("destroyed %(amount)s"),
    "used": N_("used %(amount)s"),
    "returning": N_("on the way back %(amount)s"),
    "missing": N_("missing %(amount)s"),
    "lost": N_("lost %(amount)s"),
    "weightLoss": N_("weight loss %(amount)s"),
}


def _reason(check: dict[str, Any], story: dict[str, Any]) -> str:
    """Why the check came out as it did: in English its own sentence, else the words for each thing that it found."""
    if language() == "en":
        return str(check["reason"])
    # Imported here: English needs none of it.
    from api.views.finding_phrases import told_by_json

    passed = {"code": check["code"], "parameters": {}, "lot": None, "reason": check["reason"]}
    found = check["findings"] or [passed]
    return " ".join(dict.fromkeys(told_by_json(finding, story, formats()) for finding in found))


def trace(
    lot: LotText,
    forward: Annotated[bool, typer.Option("--forward/--back", help="What became of it; where it came from.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at the most.")] = 1000,
    after: Annotated[str, typer.Option(metavar="TOKEN", help="Go on where the list before ended.")] = "",
    as_json: Json = False,
) -> None:
    """Follow a lot back to its fields, or forward to everything made from it, nearest first."""
    result = ask("trace", as_json, lot=lot, forward=forward, limit=limit, after=after)
    if as_json:
        print_json(result)
        return
    for row in result["lots"]:
        out.print(Text.assemble("  " * row["depth"], (row["lot"], "bold"), f"  {row['name']}"))
    if result["next"]:
        way = "--forward" if forward else "--back"
        command = f"silkroot trace {lot} {way} --after {result['next']}"
        err.print(Text(_("%(total)s lots in all; more: %(command)s", total=number(result["total"]), command=command)))


def export(
    lot: LotText,
    to: Annotated[Path | None, typer.Option("--out", help="Where to write it; standard output if not given.")] = None,
    ancestors: Annotated[bool, typer.Option(help="With the lots that it was made from.")] = True,
    as_json: Json = False,
) -> None:
    """Write a lot's events as an EPCIS 2.0 document, as they were signed."""
    document = ask("export", as_json, lot=lot, ancestors=ancestors)
    if to is None:
        print_json(document)
    else:
        to.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        events = ngettext("%(count)s event", "%(count)s events", len(document["epcisBody"]["eventList"]))
        out.print(f"{to}: {events}", markup=False, highlight=False)


def proof(
    lot: LotText,
    to: Annotated[Path | None, typer.Option("--out", help="Where to write it; standard output if not given.")] = None,
    disclosures: Annotated[
        bool, typer.Option("--disclosures", help="With all that is sealed and not erased: for your own eyes.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a lot's proof bundle, which `silkroot verify` checks without this ledger."""
    bundle = ask("proof", as_json, lot=lot, disclosures=disclosures)
    if to is None:
        print_json(bundle)
        return
    import json

    to.write_text(json.dumps(bundle, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    if as_json:
        print_json({"file": str(to), "events": len(bundle["events"])})
        return
    events = ngettext("%(count)s event", "%(count)s events", len(bundle["events"]))
    out.print(f"{to}: {events}", markup=False, highlight=False)
