// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @title What a party may do, one bit a role
library Roles {
    uint16 internal constant PRODUCER = 1;
    uint16 internal constant PACKER = 2;
    uint16 internal constant CARRIER = 4;
    uint16 internal constant HUB = 8;
    uint16 internal constant BUYER = 16;
    uint16 internal constant CERTIFIER = 32;
    uint16 internal constant REGULATOR = 64;
    uint16 internal constant LENDER = 128;

    uint16 internal constant ALL = 255;
}
