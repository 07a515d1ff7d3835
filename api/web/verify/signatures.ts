/**
 * Who signed a digest: secp256k1 by recovery, P-256 by the key that the signature brings with it.
 *
 * Only one form of each signature counts: r and s in range, s in the lower half of the order, v 27 or 28; so nobody
 * makes a second signature from a first. A secp256k1 signature is r ‖ s ‖ v over the digest, its key's id the address,
 * left-padded; a P-256 one is r ‖ s ‖ x ‖ y over SHA-256 of the digest, its key's id keccak256(x ‖ y).
 */

import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";

import { fromHex, isHash, keccak, toHex } from "./hashes.ts";
import type { Hex } from "./types.ts";

/** Whether the key signed the digest under that scheme; false too for every form that the contract refuses. */
export function signedBy(digest: Hex, keyId: Hex, scheme: number, signature: Hex): boolean {
  const signer = scheme === 1 ? recoveredAddress(digest, signature) : scheme === 2 ? p256Signer(digest, signature) : null;
  return signer !== null && (scheme === 1 ? `0x${signer.slice(2).padStart(64, "0")}` : signer) === keyId;
}

/** The 20-byte address whose secp256k1 key signed the digest; null where none could have. */
export function recoveredAddress(digest: Hex, signature: Hex): Hex | null {
  return attempt(digest, signature, 65, secp256k1.Point.Fn.ORDER, (bytes) => {
    const recovery = bytes[64]! - 27;
    if (recovery !== 0 && recovery !== 1) return null;
    const signed = secp256k1.Signature.fromBytes(bytes.subarray(0, 64)).addRecoveryBit(recovery);
    return toHex(keccak(signed.recoverPublicKey(fromHex(digest)).toBytes(false).subarray(1)).subarray(12));
  });
}

/** The id of the P-256 key in the signature, if that key signed the digest; else null. */
export function p256Signer(digest: Hex, signature: Hex): Hex | null {
  return attempt(digest, signature, 128, p256.Point.Fn.ORDER, (bytes) => {
    const point = bytes.subarray(64);
    const key = Uint8Array.of(4, ...point);
    return p256.verify(bytes.subarray(0, 64), fromHex(digest), key) ? toHex(keccak(point)) : null;
  });
}

/** Checks a signature of each kind that is of nothing, so that tables and code are ready for those that follow. */
export function warmUp(): void {
  const { Point } = p256;
  const generator = toHex(Point.BASE.toBytes(false).subarray(1)).slice(2);
  const one = "1".padStart(64, "0");
  p256Signer(`0x${one}`, `0x${generator.slice(0, 64)}${one}${generator}`);
  const x = toHex(secp256k1.Point.BASE.toBytes().subarray(1));
  recoveredAddress(`0x${one}`, `${x}${one}1b`);
}

function attempt(
  digest: Hex,
  signature: Hex,
  length: number,
  order: bigint,
  read: (bytes: Uint8Array) => Hex | null,
): Hex | null {
  try {
    const bytes = fromHex(signature);
    const [r, s] = [0, 32].map((at) => BigInt(toHex(bytes.subarray(at, at + 32)))) as [bigint, bigint];
    if (!isHash(digest) || bytes.length !== length || !r || r >= order || !s || s > order / 2n) return null;
    return read(bytes);
  } catch {
    return null; // not hex, or no point of the curve
  }
}
