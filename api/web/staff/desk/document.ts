/** The paper of a certificate: sent as it is chosen, its name stands in the field `file`. */

import { page, say } from "../forms/page_data.ts";
import { sentence } from "../forms/reading.ts";
import { read } from "../forms/sending.ts";
import { the } from "../dock/dom.ts";

/** Listens to the field, where the form has one. */
export function takeDocument(form: HTMLFormElement): void {
  const chooser = form.querySelector<HTMLInputElement>("[data-document]");
  if (!chooser) return;
  const field = form.querySelector<HTMLInputElement>('[data-name="file"]')!;
  const [state, error] = [the("document-state"), the("error-file")];
  chooser.addEventListener("change", () => {
    const file = chooser.files?.[0];
    field.value = "";
    error.textContent = "";
    if (file) void keep(file);
  });

  async function keep(file: File): Promise<void> {
    state.textContent = say("fileSending");
    const outcome = await upload(file);
    state.textContent = outcome.uri ? say("fileKept") : "";
    error.textContent = outcome.text;
    field.value = outcome.uri;
    if (!outcome.uri) chooser!.value = "";
  }
}

async function upload(file: File): Promise<{ uri: string; text: string }> {
  try {
    const response = await fetch("/staff/api/files", {
      method: "POST",
      headers: { accept: "application/json", "x-silkroot-form": page.formToken },
      body: file,
      redirect: "error",
    });
    const answer = await read(response, (told) => ({ state: "kept" as const, uri: String(told.uri) }));
    if (answer.state === "kept") return { uri: answer.uri, text: "" };
    if (answer.state === "refused") return { uri: "", text: answer.violations.map(sentence).join(" ") || answer.title };
  } catch {
    // Said below.
  }
  return { uri: "", text: say("failed") };
}
