/** A workbook: every row is shown with what it would record; then all of it is signed here and handed in, in order. */

import { make, tell, the } from "../dock/dom.ts";
import type { Draft } from "../signing/sign.ts";
import type { JsonObject } from "../../verify/types.ts";
import { countOf, page, say } from "./page_data.ts";
import { sentence } from "./reading.ts";
import type { Told } from "./reading.ts";
import { canSign, isKnown, read, send, sign } from "./sending.ts";
import { saidOf } from "./sentence.ts";

type Row = { sheet: string; row: number; drafts: number[]; repeated: boolean; errors: Told[] };
type Preview = {
  state: "preview";
  rows: Row[];
  wrong: number;
  drafts: Draft[];
  lots: { [id: string]: { code: string; product: string } };
};

const KEPT = { offline: "keptOffline", busy: "keptBusy", "signed-out": "keptSignedOut" } as const;
const WHY = { offline: "offline", busy: "busy", "signed-out": "signedOut" } as const;
const PAUSE = 1_500;
const TRIES = 5;

export function startWorkbook(): void {
  const [chooser, button] = [the<HTMLInputElement>("file"), the<HTMLButtonElement>("record")];
  let drafts: Draft[] = [];
  chooser.addEventListener("change", () => void look());
  button.addEventListener("click", () => void recordAll());

  async function look(): Promise<void> {
    const file = chooser.files?.[0];
    the("found").hidden = the("actions").hidden = true;
    if (!file) return;
    tell(say("workbookReading"), "wait");
    const found = await upload(file);
    tell("");
    if (found.state === "unanswered") return tell(say(WHY[found.why]), "warn");
    if (found.state === "refused") return tell(found.violations.map(sentence).join(" ") || found.title, "bad");
    if (found.state === "recorded") return;
    show(found);
    drafts = found.drafts;
    the("actions").hidden = !drafts.length;
    chooser.value = "";
  }

  function show({ rows, wrong, drafts, lots }: Preview): void {
    for (const [id, { code, product }] of Object.entries(lots))
      page.names.lots[id] = { code, product: page.names.products[product] ?? product };
    the("rows").replaceChildren(...rows.map((row) => lineOf(row, drafts)));
    const sum = the("sum");
    sum.className = `notice ${wrong ? "bad" : drafts.length ? "good" : "warn"}`;
    sum.textContent = wrong
      ? say("workbookWrong", { wrong: countOf(wrong), rows: countOf(rows.length) })
      : drafts.length
        ? say("workbookGood", { rows: countOf(rows.length), count: countOf(drafts.length) })
        : say("workbookNothing");
    the("found").hidden = false;
  }

  async function recordAll(): Promise<void> {
    if (!(await canSign())) return tell(say("noKey"), "bad");
    button.disabled = true;
    const bar = the<HTMLProgressElement>("progress");
    bar.hidden = false;
    bar.max = drafts.length;
    for (const [index, draft] of drafts.entries()) {
      const numbers = { done: countOf(index), total: countOf(drafts.length) };
      tell(say("workbookRecording", numbers), "wait");
      bar.value = index;
      const problems = await recordOne(draft);
      if (problems === undefined) continue;
      button.disabled = false;
      return tell([say("workbookStopped", numbers), ...problems].join(" "), "bad");
    }
    bar.value = drafts.length;
    the("actions").hidden = true;
    for (const mark of document.querySelectorAll("#rows .badge.wait")) {
      mark.className = "badge good";
      mark.textContent = say("recorded");
    }
    tell(say("workbookDone", { count: countOf(drafts.length) }), "good");
  }
}

/** Why the event is not recorded; undefined where it is. What was signed is sent again while nobody answers. */
async function recordOne(draft: Draft): Promise<string[] | undefined> {
  let signed;
  try {
    signed = await sign(draft);
  } catch (error) {
    console.error(error);
    return [say("broken")];
  }
  for (let attempt = 1; ; attempt++) {
    const outcome = await send(signed, saidOf(signed.action, signed.event));
    if (outcome.state === "recorded" || isKnown(outcome)) return undefined;
    if (outcome.state === "refused") return outcome.violations.map(sentence);
    if (attempt === TRIES || outcome.why === "signed-out") return [say(KEPT[outcome.why])];
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

async function upload(file: File) {
  let response: Response;
  try {
    response = await fetch("/staff/api/workbook", {
      method: "POST",
      headers: { accept: "application/json", "x-silkroot-form": page.formToken },
      body: file,
      redirect: "error",
    });
  } catch {
    return { state: "unanswered" as const, why: "offline" as const };
  }
  return read(response, (told) => ({ ...(told as unknown as Preview), state: "preview" as const }));
}

function lineOf(row: Row, drafts: Draft[]): HTMLElement {
  const said = row.drafts.flatMap((number) => {
    const draft = drafts[number];
    return draft ? saidOf(draft.action as JsonObject, draft.event) : [];
  });
  const standing = row.errors.length ? "bad" : row.repeated ? "plain" : "wait";
  const word = row.errors.length ? "rowWrong" : row.repeated ? "rowBefore" : "rowReady";
  const texts = row.errors.length
    ? row.errors.map((error) => make("p", { class: "error" }, error.field ? `${error.field}: ${sentence(error)}` : sentence(error)))
    : said.map((text) => make("p", {}, text));
  const labels = [...document.querySelectorAll("thead th")].map((head) => head.textContent ?? "");
  return make(
    "tr",
    { class: row.errors.length ? "bad" : "" },
    make("th", { scope: "row", "data-label": labels[0]! }, row.row ? `${row.sheet} · ${countOf(row.row)}` : row.sheet),
    make("td", { "data-label": labels[1]! }, make("div", {}, ...texts)),
    make("td", { "data-label": labels[2]! }, make("span", { class: `badge ${standing}` }, say(word))),
  );
}
