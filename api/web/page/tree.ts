/** The page's tree: elements by id, new ones with a text, and the signs that stand in it as templates. */

/** The element of that id, which the page has. */
export const element = <T extends HTMLElement = HTMLElement>(id: string): T => document.getElementById(id) as T;

export function hide(node: HTMLElement, hidden: boolean): void {
  node.hidden = hidden;
}

/** An element with a text in a bidi isolate of its own. */
export function make(tag: string, text: string, className = ""): HTMLElement {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text) node.append(isolated(text));
  return node;
}

/** A drawn sign, by the name that stands in the page. */
export function sign(name: string): Node {
  const signs = element<HTMLTemplateElement>("signs").content;
  return signs.querySelector(`[data-sign="${name}"] > svg`)!.cloneNode(true);
}

function isolated(text: string): HTMLElement {
  const node = document.createElement("bdi");
  node.dir = document.documentElement.dir;
  node.textContent = text;
  return node;
}
