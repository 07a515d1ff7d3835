/**
 * The grant by which a phone's key becomes one of a party's: checked against what the page showed, then signed.
 *
 * The digest is made here, from the grant, under the domain of the registry: so the first thing that a new key signs is
 * that it belongs to this party, and never something that a service slipped in.
 */

import { digestOfHash, registryDomain, structHash } from "../../verify/digests.ts";
import { fromHex } from "../../verify/hashes.ts";
import type { Hex } from "../../verify/types.ts";
import { sign } from "./device.ts";
import type { NewKey } from "./device.ts";

const KEY_GRANT =
  "KeyGrant(uint64 party,bytes32 keyId,uint8 scheme,bool admin,bool hosted,uint64 validFrom,uint64 validUntil,uint64 deadline)";
const P256 = 2;
const LONGEST = 8 * 24 * 3600;

export type Offer = {
  grant: {
    party: string;
    keyId: Hex;
    scheme: number;
    admin: boolean;
    hosted: boolean;
    validFrom: number;
    validUntil: number;
    deadline: number;
  };
  chainId: number;
  registry: Hex;
};

/** The digest of the grant under the registry's domain. */
export function grantDigest({ grant, chainId, registry }: Offer): Hex {
  const struct = {
    ...grant,
    party: BigInt(grant.party),
    scheme: BigInt(grant.scheme),
    validFrom: BigInt(grant.validFrom),
    validUntil: BigInt(grant.validUntil),
    deadline: BigInt(grant.deadline),
  };
  return digestOfHash(registryDomain(BigInt(chainId), registry), structHash(KEY_GRANT, struct));
}

/** What an admin's key signs for a phone of the same party that waits; throws for anything else. */
export async function approveGrant(offer: Offer, keyPair: CryptoKeyPair, party: string, keyId: string): Promise<Hex> {
  const { grant } = offer;
  if (grant.keyId !== keyId || BigInt(grant.party) !== BigInt(party) || grant.scheme !== P256 || grant.hosted)
    throw new Error("the service asked this phone to sign something else than was shown");
  return sign(keyPair, fromHex(grantDigest(offer)));
}

export type Ending = { revocation: { party: string; keyId: Hex; deadline: number }; chainId: number; registry: Hex };

/** What an admin's key signs to end a phone of the same party; throws for anything else. */
export async function signEnding(offer: Ending, keyPair: CryptoKeyPair, party: string, keyId: string): Promise<Hex> {
  const { revocation, chainId, registry } = offer;
  if (revocation.keyId !== keyId || BigInt(revocation.party) !== BigInt(party))
    throw new Error("the service asked this phone to sign something else than was shown");
  const struct = { ...revocation, party: BigInt(revocation.party), deadline: BigInt(revocation.deadline) };
  const hash = structHash("KeyRevocation(uint64 party,bytes32 keyId,uint64 deadline)", struct);
  return sign(keyPair, fromHex(digestOfHash(registryDomain(BigInt(chainId), registry), hash)));
}

/** What the key signs of the grant. Throws where it is not a grant of this key to this party, or of more than was said. */
export async function signGrant(offer: Offer, key: NewKey, party: string, admin: boolean): Promise<Hex> {
  const { grant } = offer;
  const right =
    grant.keyId === key.keyId &&
    BigInt(grant.party) === BigInt(party) &&
    grant.scheme === P256 &&
    grant.admin === admin &&
    !grant.hosted &&
    grant.deadline <= Date.now() / 1000 + LONGEST;
  if (!right) throw new Error("the service asked this phone to sign something else than was shown");
  return sign(key.keyPair, fromHex(grantDigest(offer)));
}
