/** The number of an air waybill as one types it: eleven digits, the last of which is the seven before it modulo 7. */

export type Typed = { text: string; digits: number; state: "open" | "good" | "bad" };

/** What was typed with a hyphen behind the third digit; what is no digit is dropped, and what is too much. */
export function typed(text: string): Typed {
  const digits = text.replace(/[^0-9]/g, "").slice(0, 11);
  const shown = digits.length > 3 ? `${digits.slice(0, 3)}-${digits.slice(3)}` : digits;
  if (digits.length < 11) return { text: shown, digits: digits.length, state: "open" };
  return { text: shown, digits: 11, state: Number(digits.slice(3, 10)) % 7 === Number(digits[10]) ? "good" : "bad" };
}

/** Grams from kilograms as people write them: "1 240", "12.5", "12,5"; NaN for what is no mass. */
export function gramsOf(text: string): number {
  const plain = text.trim().replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(plain)) return NaN;
  const [whole = "0", part = ""] = plain.split(".");
  return Number(whole) * 1000 + Number(part.padEnd(3, "0"));
}

/** A whole number as people write it; NaN for what is none. */
export const countOf = (text: string): number => {
  const plain = text.trim().replace(/[\s\u00a0\u202f]/g, "");
  return /^\d{1,6}$/.test(plain) ? Number(plain) : NaN;
};
