/** What the pages of a dock compute, for tests in Node: receipts, codes, weights; nothing that needs a page. */

export * from "./compose.ts";
export * from "../scan/codes.ts";
export { gramsIn, numberIn } from "./numbers.ts";
export { actionOf } from "../../verify/binding.ts";
export { writeAction } from "../../verify/actions.ts";
export { canonical, parseObject } from "../../verify/json.ts";
export { isProblem } from "../../verify/problem.ts";
