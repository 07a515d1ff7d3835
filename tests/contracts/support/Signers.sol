// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {PartyRegistry} from "../../../contracts/PartyRegistry.sol";
import {ProduceLedger} from "../../../contracts/ProduceLedger.sol";
import {IEntryRelay} from "../../../contracts/interfaces/IEntryRelay.sol";
import {IPartyRegistry} from "../../../contracts/interfaces/IPartyRegistry.sol";
import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {Vm} from "./Vm.sol";

/**
 * @title The cast: parties, their products, both contracts, and how an entry for one of those is signed
 * @dev Party n signs with the private key `0x5170 + n`, under `scheme()`; the registrar under secp256k1.
 */
abstract contract Signers {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint64 internal constant FARM = 9521000000012;
    uint64 internal constant PACKER = 9521000000029;
    uint64 internal constant CARRIER = 9521000000036;
    uint64 internal constant BUYER = 9521000000043;
    uint64 internal constant REGULATOR = 10_000_000_000_001;
    uint64 internal constant CERTIFIER = 10_000_000_000_002;
    uint64 internal constant LENDER = 10_000_000_000_003;
    /// @dev Never admitted.
    uint64 internal constant STRANGER = 9521000000999;

    /// @dev Belongs to FARM, permitted to PACKER.
    uint64 internal constant BULK = 9521000100019;
    /// @dev Belongs to PACKER.
    uint64 internal constant BOX = 9521000100026;
    uint16 internal constant SEASON = 2026;
    uint64 internal constant MOST_GRAMS = 2 ** 36 - 1;

    uint256 internal constant START = 1_790_000_000;
    uint64 internal constant DEADLINE = uint64(START + 7 days);
    uint256 internal constant REGISTRAR_SECRET = 0xA11CE;
    bytes32 internal constant CONTENT = keccak256("content");
    uint48 internal constant RECOVERY_DELAY = 7 days;
    address internal constant ADMIN = address(0xAD);
    uint256 internal constant P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551;

    PartyRegistry internal registry;
    ProduceLedger internal ledger;

    function secretOf(uint64 party) internal pure returns (uint256) {
        return 0x5170 + party;
    }

    /// @dev How parties sign; a test that holds for both schemes is inherited and overrides this.
    function scheme() internal pure virtual returns (IPartyRegistry.Scheme) {
        return IPartyRegistry.Scheme.Secp256k1;
    }

    function usesP256(uint256 secret) private pure returns (bool) {
        return scheme() == IPartyRegistry.Scheme.P256 && secret != REGISTRAR_SECRET;
    }

    function keyOf(uint64 party) internal pure returns (bytes32) {
        return keyOfSecret(secretOf(party));
    }

    function keyOfSecret(uint256 secret) internal pure returns (bytes32) {
        if (usesP256(secret)) {
            (uint256 x, uint256 y) = vm.publicKeyP256(secret);
            return keccak256(abi.encode(x, y));
        }
        return bytes32(uint256(uint160(vm.addr(secret))));
    }

    function signed(uint256 secret, bytes32 digest) internal pure returns (bytes memory) {
        if (usesP256(secret)) return signedP256(secret, digest);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(secret, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev As WebCrypto's ECDSA with SHA-256, with s brought to its lower half.
    function signedP256(uint256 secret, bytes32 digest) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = vm.signP256(secret, sha256(abi.encodePacked(digest)));
        if (uint256(s) > P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        (uint256 x, uint256 y) = vm.publicKeyP256(secret);
        return abi.encodePacked(r, s, x, y);
    }

    function digestOf(string memory name, uint256 chainId, address target, bytes32 structHash)
        internal
        pure
        returns (bytes32)
    {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(name)),
                keccak256("1"),
                chainId,
                target
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function ledgerDigest(bytes32 structHash) internal view returns (bytes32) {
        return digestOf("Silkroot ProduceLedger", block.chainid, address(ledger), structHash);
    }

    function registryDigest(bytes32 structHash) internal view returns (bytes32) {
        return digestOf("Silkroot PartyRegistry", block.chainid, address(registry), structHash);
    }

    function entryOf(IProduceLedger.Kind kind, uint64 party, bytes memory payload, bytes32 structHash)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return IEntryRelay.Entry(
            uint8(kind), keyOf(party), payload, signed(secretOf(party), ledgerDigest(structHash))
        );
    }

    function registryEntry(IPartyRegistry.Kind kind, uint256 secret, bytes memory payload, bytes32 structHash)
        internal
        view
        returns (IEntryRelay.Entry memory)
    {
        return IEntryRelay.Entry(
            uint8(kind), keyOfSecret(secret), payload, signed(secret, registryDigest(structHash))
        );
    }
}
