/** What the pages for staff have in common: their data, their texts, requests with the form token, what went wrong. */

/** What the server put into the page, in the element `#staff`. */
export type PageData = {
  tag: string;
  rightToLeft: boolean;
  page?: string;
  next?: string;
  formToken?: string;
  keyId?: string | null;
  party?: string;
  partyName?: string;
  person?: { id: string; name: string; role: string };
};

/** A refusal: `rules` are the names of what was broken, `message` a sentence in the reader's language. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly rules: string[],
  ) {
    super(message);
  }
}

export const data: PageData = JSON.parse(document.getElementById("staff")?.textContent ?? "{}");

/** The element of that id. */
export function at<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element ${id}`);
  return found as T;
}

/** A text of the page, by its name (`data-text`), with `{name}` filled in. */
export function text(name: string, values: Record<string, string> = {}): string {
  const found = document.querySelector(`[data-text="${name}"]`)?.textContent ?? name;
  return found.replace(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole);
}

/** Posts JSON; the answer. Throws `Refusal` for a problem, `TypeError` where there is no network. */
export async function post<T = Record<string, unknown>>(path: string, body: object = {}): Promise<T> {
  const headers: Record<string, string> = { "content-type": "application/json", accept: "application/json" };
  if (data.formToken) headers["x-silkroot-form"] = data.formToken;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told as T;
  const rules = ((told.violations ?? []) as { rule: string }[]).map(({ rule }) => rule);
  throw new Refusal((told.told ?? [])[0] ?? told.title ?? text("broken"), answer.status, rules);
}

/** Shows a message at the head of the page; "" takes it away. */
export function say(message: string, kind: "good" | "bad" | "wait" | "warn" = "bad"): void {
  const box = at("say");
  box.textContent = message;
  box.className = `notice ${kind}`;
  box.hidden = !message;
  if (message) box.scrollIntoView({ block: "nearest" });
}

/** What went wrong, for people. */
export const wordsOf = (error: unknown): string =>
  error instanceof Refusal ? error.message : error instanceof TypeError ? text("offline") : text("broken");

/** Does the work with the button out of use meanwhile, and shows what goes wrong: a second tap does nothing. */
export async function busy(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  if (button.disabled) return;
  button.disabled = true;
  say("");
  try {
    await work();
  } catch (error) {
    say(wordsOf(error));
    if (!(error instanceof Refusal || error instanceof TypeError)) console.error(error);
  } finally {
    button.disabled = false;
  }
}

/** Calls `work` with the button whenever one under `[data-do=name]` is tapped. */
export function onTap(name: string, work: (button: HTMLButtonElement) => Promise<void>): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>(`[data-do="${name}"]`))
    button.addEventListener("click", () => void busy(button, () => work(button)));
}

/** A form whose way of being sent is `work`. */
export function onSubmit(id: string, work: (form: HTMLFormElement) => Promise<void>): void {
  const form = document.getElementById(id) as HTMLFormElement | null;
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    // The main action stands at the lower edge of the phone, which may be outside of the form.
    const button = event.submitter ?? document.querySelector(`button[form="${id}"], #${id} button[type=submit]`);
    void busy(button as HTMLButtonElement, () => work(form));
  });
}
