// Writes a GS1 symbol: {"format", "text"} on standard input, {"data", "width", "height"} out, one byte a pixel.

import { readFileSync } from "node:fs";

import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";

const module = new URL("../../node_modules/zxing-wasm/dist/writer/zxing_writer.wasm", import.meta.url);
prepareZXingModule({ overrides: { wasmBinary: readFileSync(module).buffer } });
const { format, text } = JSON.parse(readFileSync(0, "utf8"));
const { error, symbol } = await writeBarcode(text, { format, options: "gs1", addQuietZones: true });
if (error) throw new Error(error);
const { data, width, height } = symbol;
process.stdout.write(JSON.stringify({ data: Array.from(data), width, height }));
