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
  /** How a day and time of each month is written, January first. */
  minutes: string[];
};

export const page = JSON.parse(document.getElementById("staff")!.textContent!) as PageData;

/** The word of that name with its values; where lines run from right to left each value keeps its own direction. */
export function say(name: string, values: { [key: string]: string | number } = {}): string {
  return filled(page.words[name] ?? name, values, page.rightToLeft);
}

const filled = (text: string, values: { [key: string]: string | number }, isolated: boolean): string =>
  text.replace(/%\((\w+)\)s/g, (whole, key: string) => {
    const value = values[key];
    return value === undefined ? whole : isolated ? `\u2068${value}\u2069` : String(value);
  });

/** A browser that knows no Uyghur writes numbers as in English, as the service does, not as its own reader would. */
const numbers = (): Intl.NumberFormat => new Intl.NumberFormat([page.tag, "en"], { maximumFractionDigits: 3 });

/** Never rounded: kilograms from 1 kg up, else grams. */
export const massOf = (grams: number): string =>
  grams < 1000 ? say("grams", { number: numbers().format(grams) }) : say("kilograms", { number: numbers().format(grams / 1000) });

export const countOf = (count: number): string => numbers().format(count);

/** A day and time on this phone's clock; a text that is no time as it stands. */
export function timeOf(text: string): string {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) return text;
  const clock = [moment.getHours(), moment.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
  return filled(page.minutes[moment.getMonth()]!, { day: moment.getDate(), year: moment.getFullYear(), clock }, false);
}
