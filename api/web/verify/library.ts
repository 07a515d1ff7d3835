/** Everything of the verifier's library, for its tests and for pages of other people's making. */

export * from "./actions.ts";
export * from "./batches.ts";
export * from "./binding.ts";
export * from "./digests.ts";
export * from "./hashes.ts";
export * from "./json.ts";
export * from "./problem.ts";
export * from "./sealing.ts";
export * from "./signatures.ts";
export * from "./structs.ts";
export type * from "./types.ts";
