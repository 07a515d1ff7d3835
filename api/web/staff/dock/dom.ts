/** Makes elements of a page; texts are always texts, never markup. */

type Child = Node | string | false | null | undefined;
type Attributes = { [name: string]: string | boolean | ((event: Event) => void) };

/** An element: `on…` attributes are listeners, false leaves an attribute out. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

/** The element of the page with that id. */
export const the = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;

/** Says something at the top of the page, and to those who listen to it; "" takes it away. */
export function tell(text: string, kind: "good" | "bad" | "warn" | "wait" | "" = ""): void {
  const box = the("say");
  box.className = `notice ${kind}`.trim();
  box.textContent = text;
  box.hidden = !text;
  if (text) box.scrollIntoView({ block: "nearest" });
}
