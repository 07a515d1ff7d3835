// Answers `--version` in the native compiler's words; otherwise compiles standard JSON from stdin to stdout.
// Other options (paths, --standard-json) are ignored: every source has to come in the input.
"use strict";

const fs = require("fs");
const solc = require("solc");

if (process.argv.includes("--version")) {
  process.stdout.write(
    "solc, the solidity compiler commandline interface\nVersion: " + solc.version() + "\n",
  );
} else {
  process.stdout.write(solc.compile(fs.readFileSync(0, "utf8")));
}
