// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

import {IProduceLedger} from "../../../contracts/interfaces/IProduceLedger.sol";
import {Fixture} from "./Fixture.sol";

/**
 * @title Asks forge's EIP-712 encoder, fed with typed data as a wallet gets it, for the digest of a struct
 * @dev The encoder makes its own type strings from the members that a test lists.
 */
abstract contract TypedData is Fixture {
    /// @dev `members` as "type name,type name", the message's values in their JSON form in the same order.
    function check(
        string memory contractName,
        string memory primary,
        string memory nested,
        string[2][] memory members,
        string[] memory values,
        bytes32 structHash
    ) internal view {
        string memory types = "";
        string memory message = "";
        for (uint256 i = 0; i < members.length; ++i) {
            string memory comma = i == 0 ? "" : ",";
            types = string.concat(types, comma, '{"name":"', members[i][1], '","type":"', members[i][0], '"}');
            message = string.concat(message, comma, '"', members[i][1], '":', values[i]);
        }
        string memory domainTypes =
            '"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],';
        string memory json = string.concat(
            string.concat('{"types":{', domainTypes, nested, '"', primary, '":[', types),
            string.concat(']},"primaryType":"', primary, '","domain":{"name":"', contractName),
            string.concat('","version":"1","chainId":', vm.toString(block.chainid), ',"verifyingContract":"'),
            string.concat(vm.toString(address(this)), '"},"message":{', message, "}}")
        );
        vm.assertEq(
            digestOf(contractName, block.chainid, address(this), structHash),
            vm.eip712HashTypedData(json),
            primary
        );
    }

    function ledgerCheck(
        string memory primary,
        string memory nested,
        string[2][] memory members,
        string[] memory values,
        bytes32 structHash
    ) internal view {
        check("Silkroot ProduceLedger", primary, nested, members, values, structHash);
    }

    function registryCheck(
        string memory primary,
        string[2][] memory members,
        string[] memory values,
        bytes32 structHash
    ) internal view {
        check("Silkroot PartyRegistry", primary, "", members, values, structHash);
    }

    // ---- small builders: the members that several structs share, and JSON values

    string[2][] internal _members;
    string[] internal _values;

    function add(string memory kind, string memory name, string memory value) internal {
        _members.push([kind, name]);
        _values.push(value);
    }

    function addNumber(string memory kind, string memory name, uint256 value) internal {
        add(kind, name, string.concat('"', vm.toString(value), '"'));
    }

    function addWord(string memory name, bytes32 value) internal {
        add("bytes32", name, string.concat('"', vm.toString(value), '"'));
    }

    function addText(string memory name, string memory value) internal {
        add("string", name, string.concat('"', value, '"'));
    }

    function addLosses(uint64 grams) internal {
        addNumber("uint64", "culls", 1);
        addNumber("uint64", "processLoss", grams);
        addNumber("uint64", "remainder", ~grams);
    }

    function addEnd(bytes32 content, uint64 deadline) internal {
        addWord("contentHash", content);
        addNumber("uint64", "deadline", deadline);
    }

    function twoLines(bytes32 a, uint64 grams)
        internal
        pure
        returns (IProduceLedger.Line[] memory list, string memory json)
    {
        list = new IProduceLedger.Line[](2);
        (list[0], list[1]) = (IProduceLedger.Line(a, grams), IProduceLedger.Line(~a, 7));
        json = string.concat(
            string.concat('[{"lot":"', vm.toString(a), '","grams":"', vm.toString(grams)),
            string.concat('"},{"lot":"', vm.toString(~a), '","grams":"7"}]')
        );
    }

    function truth(bool value) internal pure returns (string memory) {
        return value ? "true" : "false";
    }
}
