/** What the pages of the desk do alike: sign a draft with this device's key, and say at last what became of it. */

import { make, the } from "../dock/dom.ts";
import { page } from "../forms/page_data.ts";
import { deviceKey } from "../signing/keys.ts";
import { domainOf, signDraft } from "../signing/sign.ts";
import type { Draft, SignedEvent } from "../signing/sign.ts";

/** The draft's event, signed; `expected` says whether its struct is what was entered. */
export async function signWith(draft: Draft, expected: (action: SignedEvent["action"]) => boolean): Promise<SignedEvent> {
  const key = await deviceKey(page.person.id, page.keyId);
  if (!key) throw new Error("no-key");
  return signDraft(draft, expected, key, domainOf(page.deployment));
}

/** Takes away what could still be done on the page, and says what was. */
export function finish(text: string, said: string[]): void {
  for (const part of document.querySelectorAll<HTMLElement>(".action, #answer, [data-step], #form")) part.hidden = true;
  the("done-text").textContent = text;
  the("done-said").replaceChildren(...said.map((line) => make("li", {}, line)));
  the("done").hidden = false;
  the("done-text").scrollIntoView({ block: "center" });
}
