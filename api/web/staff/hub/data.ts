/** What a hub's page brought along, and its words. */

export type HubData = {
  tag: string;
  rightToLeft: boolean;
  person: { id: string; name: string };
  party: string;
  formToken: string;
  sequence: number;
  words: { [name: string]: string };
  deployment?: unknown;
  steps?: { [step: string]: string };
};

export const data = JSON.parse(document.getElementById("staff")!.textContent!) as HubData;

/** The word of that name with its values; where lines run from right to left each value keeps its own direction. */
export function say(name: string, values: { [key: string]: string | number } = {}): string {
  return (data.words[name] ?? name).replace(/%\((\w+)\)s/g, (whole, key: string) => {
    const value = values[key];
    return value === undefined ? whole : data.rightToLeft ? `\u2068${value}\u2069` : String(value);
  });
}

/** Another script of the page asks for the newest state. */
export const REFRESH = "silkroot:refresh";
