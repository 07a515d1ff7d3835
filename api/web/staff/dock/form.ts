/**
 * The form for one consignment: what should be in it, what came of it, and what else there is to say.
 *
 * One question first; fields for grams appear only where not all came. What is wrong is said under its field, and the
 * first such field is shown.
 */

import { say, countOf, massOf, timeOf } from "./page_data.ts";
import { make } from "./dom.ts";
import type { Arrival, Expected } from "./compose.ts";
import { wrongLine } from "./compose.ts";
import { gramsIn, numberIn } from "./numbers.ts";
import { photoOf } from "./records.ts";
import type { Answer } from "./records.ts";
import type { Inbound, KeptFile } from "./store.ts";

/** `answer` is null where something is wrong, which is shown then; `accepted`: grams, for the words of the button. */
export type Form = { element: HTMLElement; accepted: () => number | null; answer: () => Answer | null };

type Choice = "all" | "some" | "none";

/** The first three are parts of what is on its way; the last one is what nobody announced. */
const PARTS = ["missing", "refused", "later", "over"] as const;
const OVER = 3;

/** `changed` is called whenever the answer may have changed. */
export function formFor(sent: Expected, { places, party }: Inbound, changed: () => void): Form {
  let choice: Choice = "all";
  let photos: KeptFile[] = [];
  const total = sent.lines.reduce((sum, { grams }) => sum + grams, 0);
  const inputs = sent.lines.map(() => PARTS.map((part) => weightInput(part)));
  const lineErrors = sent.lines.map(() => make("p", { class: "error", role: "alert" }));
  const someError = make("p", { class: "error", role: "alert" });
  const rows = make("div", { class: "parts", hidden: true }, ...sent.lines.map((line, at) =>
    make("fieldset", { class: "part" },
      make("legend", {}, `${line.product} · `, make("span", { class: "code" }, line.code), ` · ${massOf(line.grams)}`),
      make("div", { class: "weights" }, ...inputs[at]!.map((input, part) => labelled(say(PARTS[part]!), input))),
      lineErrors[at]!)), someError);
  const reason = make("textarea", { id: "reason", maxlength: "300", rows: "2" });
  const reasonField = field("reason", say("reason"), reason);
  reasonField.hidden = true;
  const place = make("select", { id: "place" }, ...places.map(({ uri, name }) => make("option", { value: uri }, name)));
  place.value = lastPlace(party, places.map(({ uri }) => uri));
  const text = (id: string): HTMLInputElement => make("input", { id, maxlength: "60", autocomplete: "off" });
  const celsius = make("input", { id: "temperature", inputmode: "decimal", autocomplete: "off", dir: "ltr" });
  const [seal, paperSigner] = [text("seal"), text("paperSigner")];
  const damage = make("textarea", { id: "damage", maxlength: "300", rows: "2" });
  const photo = make("input", { id: "photo", type: "file", accept: "image/*", capture: "environment" });
  const [celsiusField, photoField] = [field("temperature", say("temperature"), celsius), field("photo", say("photo"), photo)];
  const photoSaid = make("p", { class: "hint", role: "status" });
  photoField.append(photoSaid);
  photo.addEventListener("change", async () => {
    const file = photo.files?.[0];
    wrong(photoField, "");
    [photos, photoSaid.textContent] = [[], ""];
    if (!file) return;
    try {
      photos = [await photoOf(file)];
      photoSaid.textContent = say("photoReady");
    } catch {
      photo.value = "";
      wrong(photoField, say("noPicture"));
    }
  });
  const paper = make("input", { type: "checkbox", id: "onPaper" });
  const paperTime = make("input", { id: "paperTime", type: "datetime-local" });
  const signerField = field("paperSigner", say("paperSigner"), paperSigner);
  const timeField = field("paperTime", say("paperTime"), paperTime);
  const paperFields = make("div", { hidden: true }, signerField, timeField);
  paper.addEventListener("change", () => void (paperFields.hidden = !paper.checked));

  const choose = (chosen: Choice): void => {
    choice = chosen;
    [rows.hidden, reasonField.hidden] = [choice !== "some", choice === "all"];
    if (choice !== "none") reasonField.hidden = !sumOf(1);
    changed();
  };
  /** Grams of one kind in all lines; what is no weight counts as nothing. */
  const sumOf = (part: number): number => inputs.reduce((sum, line) => sum + (gramsIn(line[part]!.value) ?? 0), 0);
  for (const input of inputs.flat())
    input.addEventListener("input", () => {
      reasonField.hidden = choice !== "none" && !sumOf(1);
      changed();
    });

  const element = make("form", { novalidate: true, onsubmit: (event) => event.preventDefault() },
    manifestOf(sent),
    make("fieldset", { class: "came" }, make("legend", {}, say("whatCame")),
      ...(["all", "some", "none"] as const).map((name) =>
        make("label", { class: "choice" },
          make("input", { type: "radio", name: "came", value: name, checked: name === "all", onchange: () => choose(name) }),
          make("span", {}, make("b", {}, say(name)), make("small", {}, say(`${name}Hint`)))))),
    rows, reasonField,
    field("place", say("place"), place),
    make("details", { class: "more" }, make("summary", {}, say("details")),
      celsiusField, field("seal", say("seal"), seal), field("damage", say("damage"), damage), photoField),
    make("label", { class: "choice" }, paper, make("span", {}, say("onPaper"))), paperFields);

  const overOf = (): number[] =>
    choice === "some" ? inputs.map((line) => gramsIn(line[OVER]!.value) ?? 0) : [];
  const arrivalsOf = (): Arrival[] | null => {
    if (choice === "all") return null;
    return sent.lines.map(({ grams }, at) => {
      if (choice === "none") return { accepted: 0, refused: grams, toCome: 0, short: 0 };
      const [short, refused, toCome] = inputs[at]!.map(({ value }) => gramsIn(value) ?? 0) as [number, number, number];
      return { accepted: grams - short - refused - toCome, refused, toCome, short };
    });
  };

  const accepted = (): number | null => {
    if (choice === "all") return total;
    const arrivals = arrivalsOf()!;
    return wrongLine(sent, arrivals) < 0 ? arrivals.reduce((sum, one) => sum + one.accepted, 0) : null;
  };

  const answer = (): Answer | null => {
    const problems: [HTMLElement, string][] = [];
    for (const [at, error] of lineErrors.entries()) {
      error.textContent = choice === "some" ? problemOfLine(sent, at, inputs[at]!) : "";
      if (error.textContent) problems.push([error, error.textContent]);
    }
    const arrivals = problems.length ? null : arrivalsOf();
    const over = overOf();
    const differs = over.some(Boolean) || arrivals?.some(({ accepted }, at) => accepted !== sent.lines[at]!.grams);
    someError.textContent = choice === "some" && !problems.length && !differs ? say("nothingDiffers") : "";
    if (someError.textContent) problems.push([someError, ""]);
    const measured = celsius.value.trim() ? numberIn(celsius.value) : null;
    const check = (at: HTMLElement, bad: boolean, message: string): void => {
      wrong(at, bad ? say(message) : "");
      if (bad) problems.push([at, message]);
    };
    check(celsiusField, Number.isNaN(measured) || (measured !== null && Math.abs(measured) > 60), "noTemperature");
    check(reasonField, !reasonField.hidden && !reason.value.trim(), "reasonNeeded");
    const time = paper.checked && paperTime.value ? new Date(paperTime.value) : null;
    check(signerField, paper.checked && !paperSigner.value.trim(), "paperNeeded");
    check(timeField, paper.checked && (!time || time.getTime() > Date.now()), "timeNeeded");
    if (problems.length) {
      const details = problems[0]![0].closest("details");
      if (details) details.open = true;
      problems[0]![0].scrollIntoView({ block: "center" });
      return null;
    }
    localStorage.setItem(`silkroot-place-${party}`, place.value);
    return {
      arrivals, over, place: place.value, celsius: measured, seal: seal.value.trim(), damage: damage.value.trim(),
      reason: reasonField.hidden ? "" : reason.value.trim(), photos,
      paperSigner: paper.checked ? paperSigner.value.trim() : "", time,
    };
  };
  return { element, accepted, answer };
}

/** What should be in the consignment. */
export function manifestOf(sent: Expected): HTMLElement {
  const told = [
    sent.shippedAt && say("shippedAt", { time: timeOf(sent.shippedAt) }),
    sent.expectedAt && say("expectedAt", { time: timeOf(sent.expectedAt) }),
    sent.vehicle && say("vehicle", { number: sent.vehicle }),
    sent.seal && say("sealStated", { number: sent.seal }),
  ];
  return make("section", { class: "card manifest" },
    make("h2", {}, say("from", { name: sent.shipperName })),
    make("p", { class: "code" }, sent.number),
    sent.announced && make("p", { class: "notice warn" }, say("announced")),
    make("ul", { class: "rows" }, ...sent.lines.map((line) =>
      make("li", {}, make("span", { class: "grow" }, make("b", {}, line.product), make("small", { class: "code" }, line.code)),
        make("span", { class: "mass" }, massOf(line.grams),
          line.cases !== null && make("small", {}, say("cases", { count: countOf(line.cases) })))))),
    ...told.map((line) => line && make("p", { class: "quiet" }, line)),
    make("p", {}, make("a", { href: `/staff/manifest/${sent.id}.pdf`, target: "_blank", rel: "noopener" }, say("manifest"))));
}

function problemOfLine(sent: Expected, at: number, inputs: HTMLInputElement[]): string {
  const parts = inputs.map(({ value }) => gramsIn(value));
  if (parts.some((part) => part === null)) return say("noWeight");
  const { grams, code } = sent.lines[at]!;
  const stated = parts.slice(0, OVER).reduce<number>((sum, part) => sum + part!, 0);
  return stated > grams ? say("tooMuch", { lot: code, mass: massOf(grams) }) : "";
}

const weightInput = (part: string): HTMLInputElement =>
  make("input", { inputmode: "decimal", autocomplete: "off", placeholder: "0", dir: "ltr", "data-part": part });

const labelled = (label: string, input: HTMLElement): HTMLElement => make("label", { class: "field" }, make("span", {}, label), input);

function field(id: string, label: string, input: HTMLElement): HTMLElement {
  return make("div", { class: "field" }, make("label", { for: id }, label), input, make("p", { class: "error", role: "alert" }));
}

function wrong(at: HTMLElement, message: string): void {
  at.querySelector(".error")!.textContent = message;
  at.querySelector("input, textarea, select")!.setAttribute("aria-invalid", String(!!message));
}

function lastPlace(party: string, uris: string[]): string {
  const last = localStorage.getItem(`silkroot-place-${party}`) ?? "";
  return uris.includes(last) ? last : (uris[0] ?? "");
}

