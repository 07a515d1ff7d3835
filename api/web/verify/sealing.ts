/**
 * What disclosures show of a sealed event, and what they withhold; RFC 9901, sections 4.2 and 7.1.
 *
 * Every disclosure has to find its digest in the event or in another disclosure, every digest stands once, and a
 * revealed member is one that may be sealed and is not there yet; so nobody adds to an event what its signer did not
 * put there. Throws `disclosure.*` and `sealing.*`; a refusal shows a digest, never a value. The content hash is of the
 * sealed event, not of the revealed tree.
 */

import { fromBase64url, sha256, toBase64url, utf8 } from "./hashes.ts";
import { isObject, MAX_DEPTH, newObject, parseStrict } from "./json.ts";
import { cbvWord, EPCIS_NAMESPACE, expand, isAbsolute, NAMESPACE, prefixesOf, token } from "./names.ts";
import { problem } from "./problem.ts";
import type { Disclosure, Json, JsonObject, Opened, Withheld } from "./types.ts";

/** Expanded names, with null for an element of a list. */
type Path = (string | null)[];
type Given = { index: number; disclosure: Disclosure };

const SEALED = `${NAMESPACE}sealed`;
const SEALED_ELEMENT = `${NAMESPACE}sealedElement`;
const SALT_BYTES = 16;

/** The revealed tree, where each disclosure belongs, and the digests that are not shown. */
export function openSealed(event: JsonObject, disclosures: readonly Json[]): Opened {
  const prefixes = prefixesOf(event["@context"]);
  const given = new Map<string, Given>();
  disclosures.forEach((text, index) => {
    const disclosure = parseDisclosure(text, `/disclosures/${index}`);
    if (given.has(disclosure.digest)) throw refused(index, disclosure, "disclosure.twice", "it is given twice");
    given.set(disclosure.digest, { index, disclosure });
  });
  const seen = new Set<string>();
  const placed = new Map<string, string>();
  const hidden = new Map<string, string>();

  const members = (node: JsonObject, path: Path, at: string, depth: number): JsonObject => {
    checkDepth(at, depth);
    const shown = newObject();
    const names = new Set<string>();
    let digests: string[] | undefined;
    for (const [key, value] of Object.entries(node)) {
      const [name, here] = [expand(key, prefixes), `${at}/${token(key)}`];
      if (key !== "@context" && (name === SEALED_ELEMENT || (name === SEALED && digests))) throw misshapen(here, value);
      if (key !== "@context" && name === SEALED) digests = digestsOf(here, value);
      else {
        names.add(name);
        shown[key] = key === "@context" ? value : inner(value, [...path, name], here, depth + 1);
      }
    }
    for (const digest of digests ?? []) {
      const found = given.get(digest);
      if (!found) {
        hidden.set(digest, at);
        continue;
      }
      const { index, disclosure } = found;
      if (disclosure.name === null) throw refused(index, disclosure, "disclosure.form", "it is of an element");
      const name = expand(disclosure.name, prefixes);
      if (names.has(name)) throw refused(index, disclosure, "disclosure.name", "there is a member of that name already");
      names.add(name);
      // The rule on a position's values looks at the sealed object: what says so is never sealed itself.
      checkPlace(found, [...path, name], node);
      const here = `${at}/${token(disclosure.name)}`;
      placed.set(digest, here);
      shown[disclosure.name] = inner(disclosure.value, [...path, name], here, depth + 1);
    }
    return shown;
  };

  const inner = (value: Json, path: Path, at: string, depth: number): Json => {
    if (isObject(value)) return members(value, path, at, depth);
    if (!Array.isArray(value)) return value;
    checkDepth(at, depth);
    return elements(value, [...path, null], at, depth + 1);
  };

  const elements = (items: Json[], path: Path, at: string, depth: number): Json[] => {
    const shown: Json[] = [];
    items.forEach((item, index) => {
      const here = `${at}/${index}`;
      const digest = elementDigest(item, here);
      const found = digest === null ? undefined : given.get(digest);
      if (digest === null) shown.push(inner(item, path, here, depth));
      else if (found) {
        if (found.disclosure.name !== null)
          throw refused(found.index, found.disclosure, "disclosure.form", "it is of a member");
        checkPlace(found, path);
        placed.set(digest, here);
        shown.push(inner(found.disclosure.value, path, here, depth));
      } else hidden.set(digest, at);
    });
    return shown;
  };

  const elementDigest = (item: Json, at: string): string | null => {
    const sealed = isObject(item)
      ? Object.entries(item).find(([key]) => expand(key, prefixes) === SEALED_ELEMENT)
      : undefined;
    if (!sealed) return null;
    if (Object.keys(item as JsonObject).length !== 1) throw misshapen(at, item);
    return digestsOf(`${at}/${token(sealed[0])}`, [sealed[1]])[0]!;
  };

  const digestsOf = (at: string, value: Json): string[] => {
    if (!Array.isArray(value) || !value.length || !value.every(isDigest)) throw misshapen(at, value);
    if (value.some((digest, index) => index > 0 && digest < value[index - 1]!)) throw misshapen(at, value);
    for (const digest of value) {
      if (seen.has(digest)) throw problem("sealing.twice", at, digest, "the same digest stands twice in the event");
      seen.add(digest);
    }
    return value;
  };

  const tree = members(event, [], "", 1);
  const found = [...given.values()].map(({ index, disclosure }) => {
    const place = placed.get(disclosure.digest);
    if (place === undefined)
      throw refused(index, disclosure, "disclosure.foreign", "no digest of the event is this one's");
    return { ...disclosure, place };
  });
  return { tree, disclosures: found, hidden };
}

/** How often each place is named, in ascending order. */
export function byPlace(places: Iterable<string>): Withheld[] {
  const counts = new Map<string, number>();
  for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1);
  const counted = [...counts].map(([place, count]) => ({ place, count }));
  return counted.sort((one, other) => (one.place < other.place ? -1 : 1));
}

/** Whether that is a SHA-256 digest in base64url. */
export const isDigest = (item: Json): item is string => typeof item === "string" && /^[A-Za-z0-9_-]{43}$/.test(item);

/** The disclosure in a text; `field` names it in a refusal. */
export function parseDisclosure(text: Json, field: string): Disclosure {
  const data = typeof text === "string" ? fromBase64url(text) : null;
  if (typeof text !== "string" || !data) throw problem("disclosure.form", field, "", "a disclosure is a base64url text");
  const digest = toBase64url(sha256(utf8(text)));
  const form = () => problem("disclosure.form", field, digest, "a disclosure holds [salt, name, value] or [salt, value]");
  let parts: Json;
  try {
    parts = parseStrict(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data));
  } catch {
    throw form(); // the parser's own message could quote what is confidential
  }
  if (!Array.isArray(parts) || (parts.length !== 2 && parts.length !== 3)) throw form();
  const [salt, name] = parts as [Json, Json];
  if (typeof salt !== "string" || (parts.length === 3 && typeof name !== "string")) throw form();
  if ((fromBase64url(salt)?.length ?? 0) < SALT_BYTES)
    throw problem("sealing.salt", field, digest, `its salt is not base64url of ${SALT_BYTES} bytes or more`);
  return { text, digest, name: parts.length === 3 ? (name as string) : null, value: parts.at(-1)!, place: "" };
}

function refused(index: number, { digest }: Disclosure, rule: string, message: string) {
  return problem(rule, `/disclosures/${index}`, digest, message);
}

const misshapen = (at: string, value: Json) =>
  problem("sealing.digests", at, value, "digests are a list of base64url texts in ascending order, or one text alone");

function checkDepth(at: string, depth: number): void {
  if (depth > MAX_DEPTH) throw problem("json.depth", at, depth, `nested more than ${MAX_DEPTH} levels deep`);
}

// -------------------------------------------------------------------------------------- which places may be sealed

/** The objects of an EPCIS event: their members, open where members of other namespaces may stand, `[]` for lists. */
type Shape = { open: boolean; members: Set<string>; children: { [name: string]: [shape: Shape, isList: boolean] } };

const shape = (open: boolean, members: string, children: Shape["children"] = {}): Shape => ({
  open,
  members: new Set([...members.split(" ").filter(Boolean), ...Object.keys(children)]),
  children,
});

const PLACE = shape(true, "id");
const QUANTITY = shape(false, "epcClass quantity uom");
const REPORT = shape(
  true,
  "bizRules booleanValue chemicalSubstance component coordinateReferenceSystem dataProcessingMethod deviceID " +
    "deviceMetadata exception hexBinaryValue maxValue meanValue microorganism minValue percRank percValue rawData " +
    "sDev stringValue time type uom uriValue value",
);
const REPORT_PATH = JSON.stringify(["sensorElementList", null, "sensorReport", null]);
const METADATA = shape(true, "bizRules dataProcessingMethod deviceID deviceMetadata endTime rawData startTime time");
const EVENT = shape(
  true,
  "@context action bizStep certificationInfo childEPCs disposition epcList eventID eventTime eventTimeZoneOffset " +
    "inputEPCList outputEPCList parentID recordTime transformationID type",
  {
    errorDeclaration: [shape(true, "correctiveEventIDs declarationTime reason"), false],
    readPoint: [PLACE, false],
    bizLocation: [PLACE, false],
    bizTransactionList: [shape(false, "bizTransaction type"), true],
    sourceList: [shape(false, "source type"), true],
    destinationList: [shape(false, "destination type"), true],
    sensorElementList: [shape(true, "", { sensorReport: [REPORT, true], sensorMetadata: [METADATA, false] }), true],
    quantityList: [QUANTITY, true],
    childQuantityList: [QUANTITY, true],
    inputQuantityList: [QUANTITY, true],
    outputQuantityList: [QUANTITY, true],
    persistentDisposition: [shape(false, "set unset"), false],
    ilmd: [shape(true, ""), false],
  },
);

const words = (text: string): Set<string> => new Set(text.split(" "));

/** Members of ours that stay open, with all that lies in them. */
const FIXED = words(
  "airLeg alone blind carrier cases certificate coolingLocation corrects criticalTrackingEvent culls expectedArrival harvestLocation " +
    "intake leg limits notice over party photos pledge pledgeRelease plot processLoss receipt recipient " +
    "referenceDocument remainder season settlement void was yield",
);
/** Names in lower case that are never sealed, wherever they stand. */
const NEVER = words("epcclass quantity uom grams lotnumber sealed sealedelement");
const READING_VALUES = words("value stringValue hexBinaryValue uriValue minValue maxValue meanValue sDev percValue");
const POSITION_COMPONENTS = words("latitude longitude altitude easting northing");
const POSITION_TYPES = words("Angle Length Altitude Dimensionless");

function checkPlace({ index, disclosure }: Given, path: Path, holder?: JsonObject): void {
  const rule = refusal(path, holder);
  if (rule) throw refused(index, disclosure, rule, "this may not be sealed");
}

/** The rule by which the member at the path may not be sealed; "" where it may. */
function refusal(path: Path, holder?: JsonObject): string {
  let [at, inside] = [0, EVENT];
  for (;;) {
    const name = path[at] ?? null;
    if (name === null) return "sealing.disclosed";
    const child = Object.hasOwn(inside.children, name) ? inside.children[name] : undefined;
    if (child) {
      at += child[1] ? 2 : 1;
      inside = child[0];
    } else if (inside.members.has(name)) {
      const isValue = JSON.stringify(path.slice(0, -1)) === REPORT_PATH && READING_VALUES.has(name);
      return isValue && (!holder || isPosition(holder)) ? "" : "sealing.disclosed";
    } else break;
  }
  return foreignRefusal(path.slice(at), inside.open, at === 0);
}

/** `path` begins with the first name that EPCIS does not know. */
function foreignRefusal(path: Path, open: boolean, atTop: boolean): string {
  const [first, last] = [path[0] ?? null, path.at(-1) ?? null];
  if (!open) return "sealing.closed";
  if (!first?.includes(":") || !path.every((name) => name === null || isName(name))) return "sealing.name";
  if (atTop && first.startsWith(NAMESPACE)) {
    const own = first.slice(NAMESPACE.length);
    if (FIXED.has(own) || (own === "lines" && path.slice(1).every((name) => name === null))) return "sealing.disclosed";
  }
  return last !== null && NEVER.has(localName(last).toLowerCase()) ? "sealing.disclosed" : "";
}

/** Not a JSON-LD keyword, nor a member of EPCIS in disguise, nor of a prefix that nobody declared. */
const isName = (name: string): boolean =>
  name[0] !== "@" && !name.startsWith(EPCIS_NAMESPACE) && (!name.includes(":") || isAbsolute(name));

/** Whether a sensor's report says where something was; a temperature never does. */
function isPosition({ component, type }: JsonObject): boolean {
  if (typeof component !== "string" || typeof type !== "string") return false;
  return POSITION_COMPONENTS.has(cbvWord(component)) && POSITION_TYPES.has(type.split(/[/:]/).at(-1)!);
}

/** The name without its namespace: cut after its last `/`, `#` or `:`. */
const localName = (name: string): string => (isAbsolute(name) ? name.split(/[/#:]/).at(-1)! : name);
