/**
 * GS1 Application Identifiers: which there are, what they hold, which may follow which in a Digital Link.
 *
 * GS1 General Specifications, sections 3.2 and 7.9; GS1 Digital Link URI Syntax 1.5, sections 4.9 to 4.11. A row is
 * `AIs flag format`: k a primary key, a an attribute, q only a qualifier; components of digits (N), character set 82
 * (X), set 39 (Y) or base64url (Z) with their lengths, marked # for a check digit, d or D for a date YYMMDD (d: the day
 * may be 00), p for a company prefix, ? for what may be absent. Throws `gs1.*`.
 */

import { problem } from "./problem.ts";

const TABLE = `00 k N18#p|01 k N14#p|02 a N14#p|03 q N14#p|10 a X1-20|11-13,15-17 a N6d|20 a N2|21,22 q X1-20
235 q X1-28|240,241,250,251 a X1-30|242 a N1-6|243 a X1-20|253 k N13#p+X1-17?|254 q X1-20|255 k N13#p+N1-12?
30,37 a N1-8|3100-3105,3110-3115,3120-3125,3130-3135,3140-3145,3150-3155,3160-3165 a N6
3200-3205,3210-3215,3220-3225,3230-3235,3240-3245,3250-3255,3260-3265,3270-3275,3280-3285,3290-3295 a N6
3300-3305,3310-3315,3320-3325,3330-3335,3340-3345,3350-3355,3360-3365,3370-3375 a N6
3400-3405,3410-3415,3420-3425,3430-3435,3440-3445,3450-3455,3460-3465,3470-3475,3480-3485,3490-3495 a N6
3500-3505,3510-3515,3520-3525,3530-3535,3540-3545,3550-3555,3560-3565,3570-3575 a N6
3600-3605,3610-3615,3620-3625,3630-3635,3640-3645,3650-3655,3660-3665,3670-3675,3680-3685,3690-3695 a N6
3900-3909,3920-3929 a N1-15|3910-3919,3930-3939 a N3+N1-15|3940-3943 a N4|3950-3955 a N6|400,403 a X1-30
401 k X1-30p|402 k N17#p|410-413,416 a N13#p|414,415,417 k N13#p|420 a X1-20|421 a N3+X1-9|422,424,426 a N3
423,425 a N3+N3?+N3?+N3?+N3?|427 a X1-3|4300,4301,4310,4311,4320 a X1-35|4302-4306,4312-4316 a X1-70
4307,4317 a X2|4308,4319 a X1-30|4309 a N20|4318 a X1-20|4321-4323 a N1|4324,4325 a N6d+N4|4326 a N6D
4330-4333 a N6+X1?|7001 a N13|7002 a X1-30|7003 a N6D+N4|7004 a N1-4|7005 a X1-12|7006 a N6D|7007 a N6D+N6D?
7008 a X1-3|7009 a X1-10|7010 a X1-2|7011 a N6D+N4?|7020-7022 a X1-20|7023 a X1-30p|7030-7039 a N3+X1-27
7040 q N1+X3|7041 q X1-4|710-716 a X1-20|7230-7239 a X2+X1-28|7240 a X1-20|7241 a N2|7242 a X1-25|7250 a N8
7251 a N12|7252 a N1|7253,7254,7259 a X1-40|7255 a X1-10|7256 a X1-90|7257 a X1-70|7258 a X3|8001 a N14
8002 a X1-20|8003 k N1+N13#p+X1-16?|8004 k X1-30p|8005 a N6|8006 k N14#p+N4|8007 a X1-34|8008 a N6D+N2+N2?+N2?
8009 a X1-50|8010 k Y1-30p|8011 q N1-12|8012 a X1-20|8013 k X1-25p|8014 q X1-25|8017,8018 k N18#p|8019 q N1-10
8020 q X1-25|8026 a N14#p+N4|8030 a Z1-90|8110,8112 a X1-70|8111 a N4|8200 q X1-70|90 a X1-30|91-99 a X1-90`;

/** After a key its qualifiers in this order, each of them optional; "|" separates alternatives. */
const QUALIFIERS: { [key: string]: string } = {
  "01": "22 10 21|235",
  "8006": "22 10 21",
  "414": "254|7040",
  "415": "8020",
  "417": "7040",
  "8004": "7040",
  "8010": "8011",
  "8017": "8019",
  "8018": "8019",
};
const CHARACTERS: { [kind: string]: string } = {
  N: "[0-9]",
  X: "[!\"%&'()*+,\\-./0-9:;<=>?A-Z_a-z]",
  Y: "[#\\-/0-9A-Z]",
  Z: "[A-Za-z0-9_\\-=]",
};
const ALL_DIGITS = /^[0-9]+$/;

export type Element = { ai: string; flag: string; pattern: RegExp; marks: string[] };

let elements: Map<string, [flag: string, format: string]> | undefined;

/** The element of that Application Identifier; undefined where there is no such AI. */
export function findElement(ai: string): Element | undefined {
  elements ??= readTable();
  const [flag, format] = elements.get(ai) ?? [];
  if (flag === undefined || format === undefined) return undefined;
  const marks: string[] = [];
  const pattern = format.split("+").map((component) => {
    const [, kind, least, most, more, optional] = /^(.)([0-9]+)(-[0-9]+)?([#dDp]*)(\??)$/.exec(component)!;
    marks.push(more!);
    return `(${CHARACTERS[kind!]}{${least}${most ? `,${most.slice(1)}` : ""}})${optional}`;
  });
  return { ai, flag, pattern: new RegExp(`^${pattern.join("")}$`), marks };
}

/** Throws unless the value may stand under this AI. */
export function checkElement({ ai, pattern, marks }: Element, value: string): void {
  const match = pattern.exec(value);
  if (!match) throw problem("gs1.format", ai, value, `AI ${ai} has another length or other characters`);
  match.slice(1).forEach((part: string | undefined, index) => {
    const mark = marks[index]!;
    if (!part) return;
    if (mark.includes("#") && !hasCheckDigit(part))
      throw problem("gs1.check-digit", ai, value, `the check digit in AI ${ai} is wrong`);
    if (/d/i.test(mark) && !isDate(part, mark.includes("d")))
      throw problem("gs1.date", ai, value, `AI ${ai} holds a date that there is not`);
    // In a GTIN, an SSCC and an ITIP the prefix stands after one digit that is the company's own.
    const start = ["00", "01", "02", "03", "8006", "8026"].includes(ai) ? 1 : 0;
    if (mark.includes("p") && !/^[0-9]{4}/.test(part.slice(start)))
      throw problem("gs1.company-prefix", ai, value, `AI ${ai} begins with a GS1 company prefix`);
  });
}

/** Whether these AIs are a primary key with qualifiers in an order that a Digital Link's path may have. */
export function isKeySequence([key, ...rest]: string[]): boolean {
  if (key === undefined || findElement(key)?.flag !== "k") return false;
  if (!rest.length) return true;
  return (Object.hasOwn(QUALIFIERS, key) ? QUALIFIERS[key]! : "").split("|").some((order) => {
    const places = rest.map((ai) => order.split(" ").indexOf(ai));
    return places.every((place, index) => place >= 0 && (index === 0 || place > places[index - 1]!));
  });
}

/** The mod-10 check digit that follows these digits. */
export function checkDigit(digits: string): string {
  let total = 0;
  for (let at = digits.length - 1, weight = 3; at >= 0; at--, weight = 4 - weight) total += weight * Number(digits[at]);
  return String((10 - (total % 10)) % 10);
}

/** A 13-digit GLN as a number; never 0. */
export function parseGln(text: string): bigint {
  if (!ALL_DIGITS.test(text) || text.length !== 13) throw problem("gs1.gln.length", "", text, "a GLN has 13 digits");
  if (!hasCheckDigit(text)) throw problem("gs1.check-digit", "", text, "the check digit of this GLN is wrong");
  if (!BigInt(text)) throw problem("gs1.gln.zero", "", text, "a GLN is not all zeros");
  return BigInt(text);
}

const hasCheckDigit = (digits: string): boolean => checkDigit(digits.slice(0, -1)) === digits.at(-1);

function isDate(text: string, dayMayBeZero: boolean): boolean {
  const [year, month, day] = [0, 2, 4].map((at) => Number(text.slice(at, at + 2))) as [number, number, number];
  if (month < 1 || month > 12) return false;
  if (!day) return dayMayBeZero;
  return day <= [31, year % 4 ? 28 : 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!;
}

function readTable(): Map<string, [string, string]> {
  const read = new Map<string, [string, string]>();
  for (const row of TABLE.split(/[|\n]/)) {
    const [ais, flag, format] = row.split(" ") as [string, string, string];
    for (const span of ais.split(",")) {
      const [first, last = first] = span.split("-") as [string, string?];
      for (let ai = Number(first); ai <= Number(last); ai++)
        read.set(String(ai).padStart(first.length, "0"), [flag, format]);
    }
  }
  return read;
}
