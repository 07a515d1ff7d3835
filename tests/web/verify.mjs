// Verifies bundles, so that a test in Python can compare: JSON on standard input, a list of results on standard output.
//
//   {"cases": [{"text", "nodes", "deployment"}]}
//
// A result is {"verdict", "reasons", "checks", "qualifiers", "branches", "withheld", "erased", "nodes", "steps"}; of a text that is
// no bundle {"verdict": "unverified", "reasons": [{"code", "field"}]}, as `silkroot verify --json` has it.

import { readFileSync } from "node:fs";

const { verify } = await import(process.env.SILKROOT_VERIFY_LIBRARY);

const findingOf = ({ check, code, verdict, parameters, event }) => ({
  check,
  code,
  verdict,
  event,
  parameters: Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
  ),
});

async function resultOf({ text, nodes, deployment }) {
  const steps = [];
  const onStep = (step) => void steps.push(step.name === "check" ? step.check.name : step.name);
  const options = { nodes, onStep, deployment: { ...deployment, chainId: BigInt(deployment.chainId) } };
  try {
    const found = await verify(text, options);
    return {
      verdict: found.verdict,
      reasons: found.reasons.map(findingOf),
      checks: found.checks.map(({ name, outcome, findings }) => ({ name, outcome, findings: findings.map(findingOf) })),
      qualifiers: found.qualifiers.map(({ code, parties }) => ({ code, parties: parties.map(Number) })),
      branches: found.branches.map(({ holder, verdict, reasons }) => ({
        holder: Number(holder),
        verdict,
        codes: reasons.map(({ code }) => code),
      })),
      events: found.events.map(({ reading, checks, relevant }) => ({
        event: reading.event.id,
        relevant,
        codes: checks.map(({ findings }) => findings[0].code),
      })),
      withheld: found.shown.flatMap(({ event, withheld }) => withheld.map((one) => ({ event, ...one }))),
      erased: found.shown.flatMap(({ event, erased }) => erased.map((one) => ({ event, ...one }))),
      nodes: found.nodes,
      steps,
    };
  } catch (error) {
    if (typeof error.code !== "string" || !error.values) throw error;
    return { verdict: "unverified", reasons: [{ code: error.code, field: error.values.field }], steps };
  }
}

const results = [];
for (const one of JSON.parse(readFileSync(0, "utf8")).cases) results.push(await resultOf(one));
process.stdout.write(JSON.stringify(results));
