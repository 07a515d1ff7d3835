// Digests, signatures, proofs and acknowledgements.

import assert from "node:assert/strict";
import { test } from "node:test";

import { library, printed, problemOf, text, vectors } from "./vectors.mjs";

const { cosignerOf, digestOf, domainSeparator, encodeType, readAction, readProof, signedBy, signerOf, structHash } = library;

const typed = vectors("typed_data");
for (const vector of typed.vectors)
  test(`typed data: ${vector.name}`, () => {
    const { name, version, chainId, verifyingContract } = vector.domain;
    const domain = { name, version, chainId: BigInt(chainId), contract: verifyingContract };
    const struct = library.STRUCTS.get(vector.name) ?? library.structOf(vector.encodeType);
    assert.equal(encodeType(struct), vector.encodeType);
    const types = new Map(struct.members.map((member) => [member.name, member.type]));
    const value = read(vector.message, types);
    const hash = structHash(library.STRUCTS.has(vector.name) ? vector.name : vector.encodeType, value);
    assert.equal(hash, vector.structHash);
    assert.equal(domainSeparator(domain), vector.domainSeparator);
    assert.equal(library.digestOfHash(domain, hash), vector.digest);
    if (library.KINDS.includes(vector.name)) {
      const action = readAction({ type: vector.name, ...vector.message });
      assert.equal(digestOf(domain, action), vector.digest);
      assert.equal(signerOf(action), BigInt(Object.values(vector.message)[0]));
    }
    const signer = library.recoveredAddress(vector.digest, vector.signature);
    assert.equal(signer, "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf");
  });

/** A message of the file, whose numbers are texts, as values of the library. */
function read(message, types) {
  const value = (json, type) => {
    if (Array.isArray(json)) return json.map((item) => value(item, type.slice(0, -2)));
    if (type.startsWith("uint")) return BigInt(json);
    if (typeof json !== "object") return json;
    return read(json, new Map(library.STRUCTS.get(type).members.map((member) => [member.name, member.type])));
  };
  return Object.fromEntries(Object.entries(message).map(([name, json]) => [name, value(json, types.get(name))]));
}

test("both domains have the names that the contracts give them", () => {
  const [ledger, registry] = [library.ledgerDomain(31337n, typed.ledger), library.registryDomain(31337n, typed.registry)];
  const separators = new Set(typed.vectors.map((vector) => vector.domainSeparator));
  assert.deepEqual(new Set([domainSeparator(ledger), domainSeparator(registry)]), separators);
});

for (const vector of vectors("signatures").vectors)
  test(`signature: ${vector.name}, scheme ${vector.scheme}`, () => {
    assert.equal(signedBy(vector.digest, vector.keyId, vector.scheme, vector.signature), vector.valid);
    assert.equal(signedBy(vector.digest, vector.keyId, 3 - vector.scheme, vector.signature), false);
    assert.equal(signedBy(vector.digest, vector.keyId, 0, vector.signature), false);
  });

const proofs = vectors("proof_hash");
for (const vector of proofs.vectors)
  test(`proof: ${vector.name}`, () => {
    assert.equal(text(vector.proof), vector.preImage);
    assert.equal(library.signatureHash(vector.proof), vector.signatureHash);
    const proof = readProof(vector.proof);
    const digest = digestOf(library.ledgerDomain(BigInt(proofs.chainId), proofs.ledger), proof.action);
    assert.equal(digest, vector.digest);
    assert.equal(cosignerOf(proof.action), proof.co?.party ?? null);
    for (const { keyId, scheme, signature } of [proof, ...(proof.co ? [proof.co] : [])]) {
      assert.ok(signedBy(digest, keyId, scheme, signature));
      assert.equal(signedBy(digest.replace(/.$/, (last) => (last === "0" ? "1" : "0")), keyId, scheme, signature), false);
    }
  });

test("a proof has one form", () => {
  const { proof } = proofs.vectors.find((vector) => vector.proof.co);
  const { co, ...alone } = proof;
  const wrong = [
    [null, ""],
    [{ ...proof, more: 1 }, ""],
    [{ ...alone, keyId: undefined }, "/keyId"],
    [{ ...proof, action: "Pledge" }, "/action"],
    [{ ...proof, keyId: proof.keyId.toUpperCase() }, "/keyId"],
    [{ ...proof, keyId: "0x00" }, "/keyId"],
    [{ ...proof, scheme: "1" }, "/scheme"],
    [{ ...proof, scheme: 3 }, "/scheme"],
    [{ ...proof, signature: "0x0" }, "/signature"],
    [{ ...proof, co: null }, "/co"],
    [{ ...proof, co: { ...co, action: proof.action } }, "/co"],
    [{ ...proof, co: { ...co, party: String(co.party) } }, "/co/party"],
    [{ ...proof, co: { ...co, party: 0 } }, "/co/party"],
    [{ ...proof, co: { ...co, scheme: 0 } }, "/co/scheme"],
  ];
  for (const [json, field] of wrong)
    assert.deepEqual(problemOf(() => readProof(json)), { rule: "proof.form", field }, field);
});

test("an action has one form", () => {
  const pledge = proofs.vectors.find((vector) => vector.name === "Pledge").proof.action;
  const harvest = proofs.vectors.find((vector) => vector.name === "Harvest").proof.action;
  const shipment = proofs.vectors.find((vector) => vector.name === "Shipment").proof.action;
  const wrong = [
    [{ ...pledge, type: "Line" }, "type", "action.type"],
    [{ ...pledge, type: "" }, "type", "action.type"],
    [{ ...pledge, type: "constructor" }, "type", "action.type"],
    [{ ...pledge, more: "1" }, "/", "action.members"],
    [{ ...pledge, grams: 500000 }, "/grams", "action.number"],
    [{ ...pledge, grams: "0500000" }, "/grams", "action.number"],
    [{ ...pledge, grams: "-1" }, "/grams", "action.number"],
    [{ ...pledge, grams: "18446744073709551616" }, "/grams", "eip712.uint64"],
    [{ ...harvest, season: "65536" }, "/season", "eip712.uint16"],
    [{ ...harvest, lotCode: "" }, "lotCode", "gs1.ai10"],
    [{ ...harvest, lotCode: "西" }, "lotCode", "gs1.ai10"],
    [{ ...harvest, lotCode: 7 }, "lotCode", "eip712.string"],
    [{ ...pledge, lot: pledge.lot.toUpperCase() }, "/lot", "action.bytes32"],
    [{ ...pledge, lot: "0x" }, "/lot", "action.bytes32"],
    [{ ...shipment, manifest: {} }, "/manifest", "action.array"],
    [{ ...shipment, manifest: [{ lot: pledge.lot }] }, "/manifest/0", "action.members"],
    [{ ...shipment, manifest: [7] }, "/manifest/0", "action.members"],
  ];
  for (const [json, field, rule] of wrong)
    assert.deepEqual(problemOf(() => readAction(json)), { rule, field }, `${rule} ${field}`);
});

test("acknowledgement", () => {
  const vector = vectors("acknowledgement");
  const domain = library.logDomain(BigInt(vector.chainId), vector.contract);
  const [logIndex, time, mergeDeadline] = [vector.logIndex, vector.time, vector.mergeDeadline].map(BigInt);
  const { contentHash, leafHash } = vector;
  assert.equal(library.leafHash(contentHash, vector.signatureHash), leafHash);
  const digest = library.acknowledgementDigest(domain, { logIndex, contentHash, leafHash, time, mergeDeadline });
  assert.equal(digest, vector.digest);
  assert.equal(library.recoveredAddress(digest, vector.signature), vector.signer);
  assert.ok(printed(logIndex) === vector.logIndex);
});

test("acknowledgement of a batch", () => {
  const vector = vectors("acknowledgement_batch");
  const domain = library.logDomain(BigInt(vector.chainId), vector.contract);
  const [firstIndex, count, time, mergeDeadline] = [
    vector.firstIndex, vector.count, vector.time, vector.mergeDeadline,
  ].map(BigInt);
  for (const { logIndex, contentHash, signatureHash, leafHash, path } of vector.leaves) {
    assert.equal(library.leafHash(contentHash, signatureHash), leafHash);
    const place = BigInt(logIndex) - firstIndex;
    const root = library.rootByInclusion(leafHash, place, path, count);
    assert.equal(root, vector.root);
    const digest = library.acknowledgementBatchDigest(domain, { firstIndex, count, root, time, mergeDeadline });
    assert.equal(digest, vector.digest);
    assert.equal(library.recoveredAddress(digest, vector.signature), vector.signer);
    assert.notEqual(library.rootByInclusion(leafHash, (place + 1n) % count, path, count), vector.root);
    const more = library.acknowledgementBatchDigest(domain, { firstIndex, count: count + 1n, root, time, mergeDeadline });
    assert.notEqual(more, vector.digest);
    assert.equal(library.rootByInclusion(leafHash, place, [...path, leafHash], count), null);
    assert.equal(library.rootByInclusion(leafHash, place, path.slice(1), count), null);
  }
});
