/**
 * Reads a QR code from a picture or the camera: by the browser's own detector, else by ZXing, which is fetched from this
 * service only when it is needed.
 */

type Source = ImageBitmapSource;
type Reader = (source: ImageBitmap | HTMLVideoElement) => Promise<string | null>;
type Detector = { detect(source: Source): Promise<{ rawValue: string }[]> };
type DetectorClass = {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
};

const PAUSE = 150;
const SECONDS = 60;

/** The text of the code in a picture; null where none is found. */
export async function scanPicture(picture: Blob, scanner: string): Promise<string | null> {
  const read = await reader(scanner);
  return read(await createImageBitmap(picture));
}

/** Shows what the camera sees until a code is found, a minute is over, or the reader stops it. */
export async function scanVideo(
  video: HTMLVideoElement,
  viewer: HTMLElement,
  stop: HTMLElement,
  scanner: string,
): Promise<string | null> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  let running = true;
  const end = (): void => void (running = false);
  stop.addEventListener("click", end, { once: true });
  try {
    viewer.hidden = false;
    video.srcObject = stream;
    await video.play();
    const read = await reader(scanner);
    for (const start = Date.now(); running && Date.now() - start < SECONDS * 1000; ) {
      const found = await read(video);
      if (found) return found;
      await new Promise((done) => setTimeout(done, PAUSE));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    viewer.hidden = true;
  }
}

async function reader(scanner: string): Promise<Reader> {
  const own = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  if (own && (await own.getSupportedFormats()).includes("qr_code")) {
    const detector = new own({ formats: ["qr_code"] });
    return async (source) => (await detector.detect(source))[0]?.rawValue ?? null;
  }
  const { readCode } = (await import(new URL(scanner, location.href).href)) as {
    readCode: (pixels: ImageData) => Promise<string | null>;
  };
  return async (source) => {
    const [width, height] =
      source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height];
    if (!width || !height) return null;
    // Large photographs are made smaller: a code that fills a tenth of one is still read.
    const scale = Math.min(1, 1600 / Math.max(width, height));
    const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
    const context = canvas.getContext("2d")!;
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    return readCode(context.getImageData(0, 0, canvas.width, canvas.height));
  };
}
