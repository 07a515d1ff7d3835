// Answers a batch of questions, so that a test in Python can compare: JSON on standard input, a list of answers out.
//
//   {"ask": "parse", "text"}                       {"canonical"}
//   {"ask": "bind", "text", "deadline"}            {"action", "lots"}
//   {"ask": "open", "text", "disclosures"}         {"tree", "places", "withheld", "hidden"}
//   {"ask": "digest", "text", "chainId", "ledger"} {"digest", "signer", "cosigner", "kind", "action"}
//   {"ask": "signed", "digest", "keyId", "scheme", "signature"}  {"signed"}
//   {"ask": "proof", "text", "chainId", "ledger"}  {"signed"}
//
// A problem is {"rule", "field"}.

import { readFileSync } from "node:fs";

import { library, printed, problemOf, text } from "./vectors.mjs";

const { actionOf, cosignerOf, digestOf, kindOf, ledgerDomain, lotsOf, openSealed, parseObject, parseStrict } = library;

const answers = {
  parse: (question) => ({ canonical: text(parseStrict(question.text)) }),
  bind: ({ text: event, deadline }) => {
    const tree = parseObject(event);
    const action = library.writeAction(actionOf(tree, BigInt(deadline)));
    return { action, lots: lotsOf(tree).map((lot) => lot.id) };
  },
  open: ({ text: event, disclosures }) => {
    const opened = openSealed(parseObject(event), disclosures);
    const withheld = library.byPlace(opened.hidden.values()).map(({ place, count }) => [place, count]);
    return { tree: text(opened.tree), places: opened.disclosures.map((item) => item.place), withheld, hidden: [...opened.hidden].sort() };
  },
  digest: ({ text: json, chainId, ledger }) => {
    const action = library.readAction(parseObject(json));
    const digest = digestOf(ledgerDomain(BigInt(chainId), ledger), action);
    const [signer, cosigner] = [library.signerOf(action), cosignerOf(action)];
    return printed({ digest, signer, cosigner, kind: kindOf(action), action: library.writeAction(action) });
  },
  proof: ({ text: json, chainId, ledger }) => {
    const [proof, domain] = [library.readProof(parseObject(json)), ledgerDomain(BigInt(chainId), ledger)];
    const digest = digestOf(domain, proof.action);
    return { signed: library.isSigned(digest, proof.keyId, proof, library.batchDigestOf(domain, proof)) };
  },
  signed: ({ digest, keyId, scheme, signature }) => ({ signed: library.signedBy(digest, keyId, scheme, signature) }),
};

const questions = JSON.parse(readFileSync(0, "utf8"));
const all = questions.map((question) => {
  let answer;
  return problemOf(() => (answer = answers[question.ask](question))) ?? answer;
});
process.stdout.write(JSON.stringify(all));
