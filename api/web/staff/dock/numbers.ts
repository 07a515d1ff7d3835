/** Numbers as people write them on a phone: with point or comma, in the digits of any keyboard. */

/** Grams of a weight in kilograms as people write it, with point or comma; 0 where nothing is written, else null. */
export function gramsIn(text: string): number | null {
  if (!text.trim()) return 0;
  const match = /^(\d{1,7})(?:[.,](\d{1,3}))?$/.exec(text.trim().normalize("NFKC"));
  return match ? Number(match[1]) * 1000 + Number((match[2] ?? "").padEnd(3, "0")) : null;
}

/** A number as people write it; NaN where it is none. */
export function numberIn(text: string): number {
  const plain = text.trim().normalize("NFKC").replace(/[−–]/, "-").replace(",", ".");
  return /^-?\d{1,3}(\.\d{1,2})?$/.test(plain) ? Number(plain) : NaN;
}
