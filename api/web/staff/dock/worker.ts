/**
 * The service worker of the pages for staff: what makes them open without a network.
 *
 * Kept on the phone: the files of this version (bundles, WebAssembly), by their address, which holds the version; and the
 * pages of the dock as the person last saw them, for when the service does not answer. Data is never kept here: the pages
 * keep it themselves. When somebody signs in or out, or a page says that nobody is signed in, all pages and the list of
 * what is on its way are gone; what was signed stays.
 */

import { forgetInbound } from "./store.ts";

type Extendable = Event & { waitUntil(promise: Promise<unknown>): void };
type Fetching = Extendable & { request: Request; respondWith(response: Promise<Response>): void };
type Scope = {
  location: Location;
  caches: CacheStorage;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", listener: (event: Extendable) => void): void;
  addEventListener(type: "fetch", listener: (event: Fetching) => void): void;
};

const worker = self as unknown as Scope;
const VERSION = new URL(worker.location.href).searchParams.get("v") ?? "";
const [FILES, PAGES] = [`silkroot-files-${VERSION}`, "silkroot-pages"];
const FIRST = "/staff";
const SHELLS = [FIRST, "/staff/scan", "/staff/receive", "/staff/queue"];
const NAMES = ["dock.js", "sender.js", "scanner.js", "zxing_reader.wasm"];
const CHANGES_WHO = /^\/staff\/api\/(?:join|sign-in|sign-out|me\/devices)/;
const SECONDS = 8;

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (origin !== worker.location.origin) return;
  if (request.method === "POST" && CHANGES_WHO.test(pathname)) return event.respondWith(changing(request));
  if (request.method !== "GET") return;
  if (pathname.startsWith("/static/") && search.includes("v=")) return event.respondWith(file(request));
  if (request.mode !== "navigate" || !pathname.startsWith("/staff")) return;
  const page = shown(request, pathname);
  event.respondWith(page);
  // Another language was chosen: what is kept is in the one before.
  if (/[?&]lang=/.test(search)) event.waitUntil(page.then(keepShells).catch(() => undefined));
});

async function install(): Promise<void> {
  const files = await worker.caches.open(FILES);
  await files.addAll(NAMES.map((name) => `/static/${name}?v=${VERSION}`));
  await keepShells();
  await worker.skipWaiting();
}

/** The pages of the dock as the service shows them now. */
async function keepShells(): Promise<void> {
  const pages = await worker.caches.open(PAGES);
  for (const path of SHELLS) await keep(pages, path, await fetch(path, { credentials: "same-origin" }));
}

async function activate(): Promise<void> {
  for (const name of await worker.caches.keys())
    if (name.startsWith("silkroot-files-") && name !== FILES) await worker.caches.delete(name);
  await worker.clients.claim();
}

/** A file has its version in its address, so that what is kept is always right. */
async function file(request: Request): Promise<Response> {
  const kept = await worker.caches.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok && request.url.includes(`v=${VERSION}`))
    await (await worker.caches.open(FILES)).put(request, response.clone());
  return response;
}

/** The page from the service; where that does not answer, as it was seen last, or else the way to the first page. */
async function shown(request: Request, path: string): Promise<Response> {
  const pages = await worker.caches.open(PAGES);
  const isKept = SHELLS.includes(path);
  try {
    const response = await (isKept ? inTime(fetch(request)) : fetch(request));
    // The way to the sign-in page: nobody is signed in here any more.
    if (response.redirected || response.type === "opaqueredirect") await forget();
    else if (isKept) await keep(pages, path, response.clone());
    return response;
  } catch (error) {
    const kept = await pages.match(isKept ? path : FIRST);
    if (kept) return isKept ? kept : Response.redirect(FIRST);
    throw error;
  }
}

/** Somebody signs in or out: nothing of who was here before may be shown. */
async function changing(request: Request): Promise<Response> {
  const response = await fetch(request);
  if (response.ok) await forget();
  return response;
}

async function keep(pages: Cache, path: string, response: Response): Promise<void> {
  if (response.ok && !response.redirected) await pages.put(path, response);
}

async function forget(): Promise<void> {
  await worker.caches.delete(PAGES);
  await forgetInbound();
}

function inTime(answer: Promise<Response>): Promise<Response> {
  const late = new Promise<never>((_, fail) => setTimeout(() => fail(new Error("late")), SECONDS * 1000));
  return Promise.race([answer, late]);
}
