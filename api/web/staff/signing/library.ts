/** What pages of staff use to sign and to record; also bundled by itself, for tests. */

export * from "./keys.ts";
export * from "./record.ts";
export * from "./sealing.ts";
export * from "./sign.ts";
export { canonical, isObject, newObject, parseObject, parseStrict } from "../../verify/json.ts";
export { isProblem } from "../../verify/problem.ts";
export type * from "../../verify/types.ts";
