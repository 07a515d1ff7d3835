/** What a press of a button starts. */

import { isProblem } from "../../verify/problem.ts";
import { tell } from "../dock/dom.ts";
import { say } from "./page_data.ts";

/** Nothing is done twice at once; what goes wrong is said. */
export async function busy(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  if (button.disabled) return;
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    tell(say(isProblem(error) ? "broken" : "failed"), "bad");
    console.error(error);
  } finally {
    button.disabled = false;
  }
}
