/** ZXing as WebAssembly, for browsers that read no codes themselves; a file of its own, fetched when it is needed. */

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

// The module lies beside this file, under the same version.
const module = new URL(`zxing_reader.wasm${new URL(import.meta.url).search}`, import.meta.url);
prepareZXingModule({ overrides: { locateFile: () => module.href } });

/** The text of the first QR code; null where there is none. */
export async function readCode(pixels: ImageData): Promise<string | null> {
  const [found] = await readBarcodes(pixels, { formats: ["QRCode"], maxNumberOfSymbols: 1 });
  return found?.isValid ? found.text : null;
}
