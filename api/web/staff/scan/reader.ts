/**
 * Reads the codes of a dock from a picture or the camera: QR, DataMatrix, and Code 128 with the GS1 elements in it.
 *
 * By the browser's own detector where it knows all three; else, and where that finds nothing in a picture, by ZXing as
 * WebAssembly, which comes from this service and is kept on the phone for when there is no network. Nothing is sent
 * anywhere.
 */

type Source = ImageBitmap | HTMLVideoElement;
type Reader = (source: Source) => Promise<string | null>;
type Detector = { detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]> };
type DetectorClass = { new (options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> };
type Module = { readCodes: (pixels: ImageData, formats: string[], hard: boolean) => Promise<string[]> };

const FORMATS = ["qr_code", "data_matrix", "code_128"];
const ZXING = ["QRCode", "DataMatrix", "Code128"];
const PAUSE = 120;
const SECONDS = 60;
const LARGEST = 1600;

/** How codes are read here: "own" by the browser, "zxing" by WebAssembly. */
export async function wayOf(): Promise<"own" | "zxing"> {
  const own = detectorClass();
  if (!own) return "zxing";
  const formats = await own.getSupportedFormats();
  return FORMATS.every((format) => formats.includes(format)) ? "own" : "zxing";
}

/** The text of the code in a picture; null where none is found. */
export async function scanPicture(picture: Blob, scanner: string): Promise<string | null> {
  const image = await createImageBitmap(picture);
  const first = (await wayOf()) === "own" ? await (await ownReader())(image) : null;
  return first ?? (await zxing(scanner, true))(image);
}

/** What the camera sees until a code is found, a minute is over, or `stopped` says so. */
export async function scanVideo(video: HTMLVideoElement, scanner: string, stopped: () => boolean): Promise<string | null> {
  const wanted = { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
  try {
    video.srcObject = stream;
    await video.play();
    const read = (await wayOf()) === "own" ? await ownReader() : await zxing(scanner, false);
    for (const start = Date.now(); !stopped() && Date.now() - start < SECONDS * 1000; ) {
      const found = await read(video);
      if (found) return found;
      await new Promise((done) => setTimeout(done, PAUSE));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function ownReader(): Promise<Reader> {
  const detector = new (detectorClass()!)({ formats: FORMATS });
  return async (source) => (await detector.detect(source))[0]?.rawValue ?? null;
}

async function zxing(scanner: string, hard: boolean): Promise<Reader> {
  const { readCodes } = (await import(new URL(scanner, location.href).href)) as Module;
  return async (source) => {
    const pixels = pixelsOf(source);
    return pixels ? ((await readCodes(pixels, ZXING, hard))[0] ?? null) : null;
  };
}

/** Large photographs are made smaller: a code that fills a tenth of one is still read. */
function pixelsOf(source: Source): ImageData | null {
  const [width, height] =
    source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height];
  if (!width || !height) return null;
  const scale = Math.min(1, LARGEST / Math.max(width, height));
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
  const context = canvas.getContext("2d")!;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

const detectorClass = (): DetectorClass | undefined =>
  (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
