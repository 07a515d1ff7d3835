/**
 * Weights as people type them, in kilograms, and as the ledger keeps them, in whole grams.
 *
 * Digits of other scripts and full-width ones are read too. Commas group thousands (1,240.5) and are nothing else:
 * "12,5" could mean two things, so it is none. No arithmetic with fractions: what is typed is what is signed.
 */

export const MOST_GRAMS = 2 ** 36 - 1;

const KILOGRAMS = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,3}))?$/;
const [ARABIC, PERSIAN] = [0x0660, 0x06f0];

/** Whole grams; undefined for a text that is no weight, or one that no lot can have. */
export function gramsOf(text: string): number | undefined {
  const found = KILOGRAMS.exec(plain(text));
  if (!found) return undefined;
  const grams = Number(found[1]!.replaceAll(",", "")) * 1000 + Number((found[2] ?? "").padEnd(3, "0"));
  return Number.isSafeInteger(grams) && grams <= MOST_GRAMS ? grams : undefined;
}

/** Kilograms as they are typed. */
export function kilogramsOf(grams: number): string {
  const [whole, rest] = [Math.floor(grams / 1000), String(grams % 1000).padStart(3, "0").replace(/0+$/, "")];
  return rest ? `${whole}.${rest}` : String(whole);
}

/** The text with plain digits, point and commas, and without spaces. */
function plain(text: string): string {
  const digits = text.normalize("NFKC").replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => {
    const code = digit.charCodeAt(0);
    return String(code - (code < PERSIAN ? ARABIC : PERSIAN));
  });
  return digits.replaceAll("\u066b", ".").replaceAll("\u066c", ",").replace(/\s/g, "");
}
