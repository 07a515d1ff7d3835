// Reads weights as the forms of a packing house do: a JSON list of texts on standard input, grams (or null) out. A number
// in the list is answered with the kilograms that it is written as.

import { readFileSync } from "node:fs";

const { gramsOf, kilogramsOf } = await import(process.env.SILKROOT_VERIFY_LIBRARY);
const given = JSON.parse(readFileSync(0, "utf8"));
const answers = given.map((one) => (typeof one === "number" ? kilogramsOf(one) : (gramsOf(one) ?? null)));
process.stdout.write(JSON.stringify(answers));
