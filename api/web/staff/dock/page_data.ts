/** What the page brought along: who acts, its words, and the ways in which masses and times are written. */

export type PageData = {
  page: "scan" | "receive" | "queue";
  tag: string;
  rightToLeft: boolean;
  person: { id: string; name: string };
  party: string;
  partyName: string;
  /** The key by which the session knows this browser. */
  keyId: string | null;
  /** Addresses of the reader of codes, and of the service worker. */
  scanner: string;
  worker: string;
  words: { [name: string]: string };
  /** How a time is written in each month, with {day}, {year} and {time}: browsers do not know the months of all languages. */
  times: string[];
};

export const page = JSON.parse(document.getElementById("staff")!.textContent!) as PageData;

/** The word of that name with its values; where lines run from right to left each value keeps its own direction. */
export function say(name: string, values: { [key: string]: string | number } = {}): string {
  const text = page.words[name] ?? name;
  return text.replace(/%\((\w+)\)s/g, (whole, key: string) => {
    const value = values[key];
    return value === undefined ? whole : page.rightToLeft ? `\u2068${value}\u2069` : String(value);
  });
}

/** Never rounded: kilograms from 1 kg up, else grams. */
export function massOf(grams: number): string {
  const form = new Intl.NumberFormat(page.tag, { maximumFractionDigits: 3 });
  return grams < 1000 ? say("grams", { number: form.format(grams) }) : say("kilograms", { number: form.format(grams / 1000) });
}

export const countOf = (count: number): string => new Intl.NumberFormat(page.tag).format(count);

/** A day and time on this phone's clock; a text that is no time as it stands. */
export function timeOf(text: string): string {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) return text;
  const two = (number: number): string => String(number).padStart(2, "0");
  const values: { [name: string]: string } = {
    day: String(moment.getDate()),
    year: String(moment.getFullYear()),
    time: `${two(moment.getHours())}:${two(moment.getMinutes())}`,
  };
  return page.times[moment.getMonth()]!.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}
