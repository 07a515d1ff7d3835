/** ZXing as WebAssembly, for browsers that read no codes themselves; a file of its own, fetched when it is needed. */

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import type { ReadInputBarcodeFormat } from "zxing-wasm/reader";

// The module lies beside this file, under the same version.
const module = new URL(`zxing_reader.wasm${new URL(import.meta.url).search}`, import.meta.url);
prepareZXingModule({ overrides: { locateFile: () => module.href } });

/** The text of the first QR code; null where there is none. */
export async function readCode(pixels: ImageData): Promise<string | null> {
  const [found] = await readBarcodes(pixels, { formats: ["QRCode"], maxNumberOfSymbols: 1 });
  return found?.isValid ? found.text : null;
}

/**
 * The texts of all codes of those formats (names of ZXing); separators of GS1 elements as 0x1d, and before the elements
 * the symbology identifier, so that nobody takes them for plain text. `hard`: takes its time, for a single picture.
 */
export async function readCodes(pixels: ImageData, formats: ReadInputBarcodeFormat[], hard: boolean): Promise<string[]> {
  const found = await readBarcodes(pixels, { formats, tryHarder: hard, maxNumberOfSymbols: 4, textMode: "Plain" });
  return found
    .filter((one) => one.isValid)
    .map((one) => (one.contentType === "GS1" ? `${one.symbologyIdentifier}${one.text}` : one.text));
}
