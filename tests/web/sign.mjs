// Signs what a test in Python asks for, with the library that pages of staff use: JSON on standard input, answers out.
//
//   {"ask": "sign", "key", "text", "deadline", "disclosures", "deployment"}  {"sent", "hash", "action", "digest"}
//   {"ask": "draft", "key", "draft", "expectation", "deployment"}            the same
//   {"ask": "seal", "text", "names", "salts"}                                {"event", "disclosures"}
//   {"ask": "lows", "raw"}                                                   {"low"}
//
// A key is {"person", "party", "name", "keyId", "private", "public"}, the last two as JWK. A problem is {"rule", "field"}.

import { readFileSync } from "node:fs";

const library = await import(process.env.SILKROOT_VERIFY_LIBRARY);
const { canonical, domainOf, parseObject } = library;
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const text = (json) => new TextDecoder().decode(canonical(json));

const keyOf = async ({ private: secret, public: point, ...record }) => ({
  ...record,
  keyPair: {
    privateKey: await crypto.subtle.importKey("jwk", secret, CURVE, false, ["sign"]),
    publicKey: await crypto.subtle.importKey("jwk", point, CURVE, true, ["verify"]),
  },
});
const told = ({ event, hash, action, digest }) => ({ sent: text(event), hash, action: text(action), digest });

const answers = {
  sign: async ({ key, text: event, deadline, disclosures, deployment }) =>
    told(await library.signEvent(parseObject(event), disclosures, BigInt(deadline), await keyOf(key), domainOf(deployment))),
  draft: async ({ key, draft, expectation, deployment }) =>
    told(await library.signDraft(parseObject(draft), expectation, await keyOf(key), domainOf(deployment))),
  seal: async ({ text: event, names, salts }) => {
    const left = salts.map((salt) => Uint8Array.from(Buffer.from(salt, "hex")));
    const sealed = library.sealMembers(parseObject(event), names, () => left.shift());
    return { event: text(sealed.event), disclosures: sealed.disclosures };
  },
  lows: async ({ raw }) => ({ low: Buffer.from(library.lowS(Uint8Array.from(Buffer.from(raw, "hex")))).toString("hex") }),
};

const questions = JSON.parse(readFileSync(0, "utf8"));
const all = [];
for (const question of questions)
  try {
    all.push(await answers[question.ask](question));
  } catch (error) {
    if (!library.isProblem(error)) throw error;
    all.push({ rule: error.code, field: error.values.field });
  }
process.stdout.write(JSON.stringify(all, (_, value) => (typeof value === "bigint" ? String(value) : value)));
