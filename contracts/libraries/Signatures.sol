// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

import {IPartyRegistry} from "../interfaces/IPartyRegistry.sol";

/**
 * @title Whether a key signed a digest, under either scheme
 * @dev Each signature has one form only: low s in both schemes, v 27 or 28 in secp256k1. Length decides nothing: the
 * key's scheme on record does.
 */
library Signatures {
    /// @notice The length of a P-256 signature: r, s and the public key x, y.
    uint256 internal constant P256_LENGTH = 128;

    /**
     * @notice Whether this key made this signature. Anything malformed is false.
     * @param signature secp256k1: 65 bytes r, s, v over the digest. P-256: 128 bytes r, s, x, y over the SHA-256 of the
     * digest, which is what WebCrypto's ECDSA with SHA-256 signs when the digest's 32 bytes are its message.
     */
    function isBy(bytes32 keyId, IPartyRegistry.Scheme scheme, bytes32 digest, bytes calldata signature)
        internal
        view
        returns (bool)
    {
        if (scheme != IPartyRegistry.Scheme.Secp256k1) return _isByP256(keyId, scheme, digest, signature);
        // The third value only describes the problem.
        // slither-disable-next-line unused-return
        (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);
        return problem == ECDSA.RecoverError.NoError && keyIdOf(signer) == keyId;
    }

    /// @notice The same for a signature in memory.
    function isByWitness(bytes32 keyId, IPartyRegistry.Scheme scheme, bytes32 digest, bytes memory signature)
        internal
        view
        returns (bool)
    {
        if (scheme != IPartyRegistry.Scheme.Secp256k1) return _isByP256(keyId, scheme, digest, signature);
        // slither-disable-next-line unused-return
        (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecover(digest, signature);
        return problem == ECDSA.RecoverError.NoError && keyIdOf(signer) == keyId;
    }

    function _isByP256(bytes32 keyId, IPartyRegistry.Scheme scheme, bytes32 digest, bytes memory signature)
        private
        view
        returns (bool)
    {
        if (scheme != IPartyRegistry.Scheme.P256 || signature.length != P256_LENGTH) return false;
        (bytes32 r, bytes32 s, bytes32 x, bytes32 y) = abi.decode(signature, (bytes32, bytes32, bytes32, bytes32));
        return keccak256(abi.encode(x, y)) == keyId && P256.verify(sha256(abi.encodePacked(digest)), r, s, x, y);
    }

    /// @notice The key id of a secp256k1 key: its address, left-padded.
    function keyIdOf(address signer) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(signer)));
    }
}
