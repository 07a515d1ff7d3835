/**
 * Words of the page, in its language: the server's translations, filled in here with what this browser found out.
 *
 * Parties stand as their numbers and lots as their codes, because names are this service's word. Values that are written
 * the other way keep their order in a bidi isolate (UAX 9).
 */

import { lotsOf } from "../verify/binding.ts";
import { lotId } from "../verify/digests.ts";
import type { Bundle } from "../verify/bundle.ts";
import type { Difference, Finding } from "../verify/findings.ts";
import type { Qualifier } from "../verify/qualifiers.ts";

type Table = { [name: string]: string };

/** What the server puts into the page. */
export type PageData = {
  tag: string;
  rightToLeft: boolean;
  rpc: string;
  deployment: { [member: string]: unknown } | null;
  confirmations: { [network: string]: number };
  scanner: string;
  /** How several things are told in one phrase: what stands between them, and the last two. */
  listing: { between: string; last: string };
  findings: Table;
  verdicts: { [verdict: string]: { title: string; lead: string; advice: string } };
  qualifiers: Table;
  checks: Table;
  outcomes: Table;
  members: Table;
  marks: Table;
  ui: Table;
};

/** Members of signed structs that are grams. */
const WEIGHTS = new Set(
  "accepted culls grams loss processLoss received refused remainder returned toCome was weightLoss".split(" "),
);

export class Words {
  readonly #data: PageData;
  readonly #codes = new Map<string, string>();
  #formatter: Intl.NumberFormat | undefined;

  constructor(data: PageData) {
    this.#data = data;
  }

  /** The codes of the lots that the bundle names, for sentences about them. */
  learn({ lot, events }: Bundle): void {
    this.#codes.set(lot.id, lot.code);
    for (const { body, proof } of events) {
      const { action } = proof;
      const born = action.type === "Transformation" ? action.outputs : "lotCode" in action ? [action] : [];
      for (const { product, lotCode } of born) this.#codes.set(lotId(product, lotCode), lotCode);
      try {
        for (const { id, code } of lotsOf(body)) this.#codes.set(id, code);
      } catch {
        // The content check tells of a body that cannot be read.
      }
    }
  }

  /** A text of the page; a placeholder without a value stays as it is. */
  ui(name: string, values: { [name: string]: unknown } = {}): string {
    return this.#fill(this.#data.ui[name] ?? name, (key) => (key in values ? String(values[key]) : undefined));
  }

  /** A member of a signed struct whose value changed, such as `outputs[0].grams`. */
  change({ member, signed, found }: Difference): string {
    const name = /(\w+)(\[[0-9]+\])?$/.exec(member)?.[1] ?? member;
    const value = (text: string): string =>
      !text ? "–" : WEIGHTS.has(name) && /^[0-9]+$/.test(text) ? this.weight(text) : text;
    return this.ui("change", { member: this.#data.members[name] ?? member, signed: value(signed), found: value(found) });
  }

  /** The sentence of a finding. */
  finding({ code, parameters, lot }: Finding): string {
    const values: { [name: string]: unknown } = { lot: lot ?? "", ...parameters };
    const text = this.#data.findings[code];
    if (text === undefined) return this.ui("other", { code });
    return this.#fill(text, (key) => {
      if (key in values) return this.#plain(values[key]);
      const [, name, form] = /^(.*)_(celsius|code|name|weight)$/.exec(key) ?? [];
      const value = name === undefined ? undefined : values[name];
      if (value === undefined) return undefined;
      if (form === "celsius") return `${this.#numbers().format(Number(value) / 1000)} °C`;
      return form === "code" ? this.lot(String(value)) : form === "name" ? this.party(value) : this.weight(value);
    });
  }

  qualifier({ code, parties }: Qualifier): string {
    return this.#fill(this.#data.qualifiers[code] ?? code, () => this.#listed(parties.map((one) => this.party(one))));
  }

  lot = (id: string): string => this.#codes.get(id) ?? `${id.slice(0, 10)}…`;
  party = (number: unknown): string => this.ui("party", { number: String(number).padStart(13, "0") });
  number = (value: number | bigint): string => this.#numbers().format(value);

  /** Day and minute in the reader's own zone; in ISO 8601's form, for browsers that know no Uyghur. */
  time(seconds: bigint): string {
    const date = new Date(Number(seconds) * 1000);
    return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16).replace("T", " ");
  }

  weight(grams: unknown): string {
    const value = BigInt(String(grams));
    const inKilograms = value >= 1000n || value <= -1000n;
    const number = this.#numbers().format(inKilograms ? Number(value) / 1000 : value);
    return this.ui(inKilograms ? "kilograms" : "grams", { number });
  }

  /** Made when the first number is told: that takes a slow phone longer than a signature. */
  #numbers(): Intl.NumberFormat {
    return (this.#formatter ??= new Intl.NumberFormat(this.#locale, { maximumFractionDigits: 3 }));
  }

  #listed(items: string[]): string {
    const [last, ...others] = [...items].reverse();
    if (!others.length) return last ?? "";
    const { between, last: pattern } = this.#data.listing;
    return this.#fill(pattern, (key) => (key === "first" ? others.reverse().join(between) : last));
  }

  get #locale(): string {
    return this.#data.tag;
  }

  #plain(value: unknown): string {
    return typeof value === "number" || typeof value === "bigint" ? this.number(value) : String(value);
  }

  #fill(text: string, valueOf: (key: string) => string | undefined): string {
    return text.replace(/%\(([a-z_A-Z]+)\)s/g, (whole, key: string) => {
      const value = valueOf(key) ?? whole;
      return this.#data.rightToLeft && !/^[0-9.,]+$/.test(value) ? `\u2068${value}\u2069` : value;
    });
  }
}
