// Composes receipts and reads codes for a test in Python: JSON on standard input, a list of answers out.
//
//   {"ask": "whole", "sent", "common"}                            {"tree", "action"}
//   {"ask": "part", "sent", "common", "arrivals", "returnRef", "over"}    the same
//   {"ask": "note", "sent", "common"}                             the same
//   {"ask": "code", "text"}                                       {"elements"}
//   {"ask": "meant", "text", "known"}                             {"numbers"}
//   {"ask": "grams" | "number", "text"}                           {"value"}
//
// A problem is {"rule"}. The blind of every event is 0f0e…00, its deadline 1786500000.

import { readFileSync } from "node:fs";

const library = await import(process.env.SILKROOT_VERIFY_LIBRARY);
const { actionOf, canonical, parseObject, writeAction } = library;
const text = (json) => new TextDecoder().decode(canonical(json));
const told = (event) => {
  event["silkroot:blind"] = "0f0e0d0c0b0a09080706050403020100";
  return { tree: text(event), action: text(writeAction(actionOf(parseObject(text(event)), 1786500000n))) };
};

const answers = {
  whole: ({ sent, common }) => told(library.receiptInFull(sent, common)),
  part: ({ sent, common, arrivals, returnRef, over }) =>
    told(library.receiptInPart(sent, arrivals, returnRef, common, over)),
  note: ({ sent, common }) => told(library.note(sent, common)),
  code: ({ text }) => ({ elements: Object.fromEntries(library.readText(text).elements) }),
  meant: ({ text, known }) => ({ numbers: library.meant(library.readText(text), known).map(({ number }) => number) }),
  grams: ({ text }) => ({ value: library.gramsIn(text) }),
  number: ({ text }) => ({ value: library.numberIn(text) }),
  moment: ({ at }) => ({ value: library.momentOf(new Date(at)) }),
  mistyped: ({ text }) => ({ value: library.isMistyped(text) }),
};

const all = JSON.parse(readFileSync(0, "utf8")).map((question) => {
  try {
    return answers[question.ask](question);
  } catch (error) {
    if (!library.isProblem(error)) throw error;
    return { rule: error.code };
  }
});
process.stdout.write(JSON.stringify(all));
