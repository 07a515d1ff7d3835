/** Photos of a form: each is sent as it is chosen, and its address stands in the field `photos`. */

import { make, the } from "../dock/dom.ts";
import { page, say } from "./page_data.ts";
import { read } from "./sending.ts";
import { sentence } from "./reading.ts";

const MOST = 12;

/** Listens to the field for photos, where the form has one. */
export function takePhotos(form: HTMLFormElement): void {
  const chooser = form.querySelector<HTMLInputElement>("[data-photos]");
  if (!chooser) return;
  const [shown, field] = [the("photos"), make("input", { type: "hidden", "data-name": "photos", "data-as": "list" })];
  const error = form.querySelector('[data-error="photos"]')!;
  chooser.parentElement!.append(field);
  const uris: string[] = [];
  const changed = () => void (field.value = uris.join(" "));
  chooser.addEventListener("change", () => {
    const file = chooser.files?.[0];
    chooser.value = "";
    if (file && uris.length < MOST) void keep(file);
  });

  async function keep(file: File): Promise<void> {
    error.textContent = say("photoWaiting");
    const outcome = await upload(file);
    if (typeof outcome !== "string") {
      error.textContent = `${say("photoRefused")} ${outcome.text}`.trim();
      return;
    }
    error.textContent = "";
    if (uris.includes(outcome)) return;
    uris.push(outcome);
    changed();
    const picture = make("img", { src: URL.createObjectURL(file), alt: say("photoKept") });
    const button = make("button", { type: "button", title: say("photoKept") }, picture);
    button.addEventListener("click", () => {
      uris.splice(uris.indexOf(outcome), 1);
      button.remove();
      changed();
    });
    shown.append(button);
  }
}

async function upload(file: File): Promise<string | { text: string }> {
  try {
    const response = await fetch("/staff/api/files", {
      method: "POST",
      headers: { accept: "application/json", "content-type": file.type, "x-silkroot-form": page.formToken },
      body: file,
      redirect: "error",
    });
    const answer = await read(response, (told) => ({ state: "kept" as const, uri: String(told.uri) }));
    if (answer.state === "kept") return answer.uri;
    if (answer.state === "refused") return { text: answer.violations.map(sentence).join(" ") || answer.title };
  } catch {
    // Said below.
  }
  return { text: say("failed") };
}
