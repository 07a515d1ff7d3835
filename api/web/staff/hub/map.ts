/**
 * Draws what is under way: rivers, cities, and an arc from sender to receiver, as SVG by d3-geo; no tiles, no borders.
 *
 * Drawn anew for the width of the screen, so that names stay readable on a phone. It says nothing that the list below it
 * does not say, so to a screen reader it is one picture with a name.
 */

import { geoConicEqualArea, geoInterpolate, geoPath } from "d3-geo";
import type { GeoProjection } from "d3-geo";

import { data, say } from "./data.ts";
import { RIVERS } from "./rivers.ts";

type Point = [number, number];
type City = { name: string; at: Point };
type Way = { from: string; to: string; count: number; late: number; last: { [city: string]: number } };
type Told = { cities: { [key: string]: City }; lines: Way[]; landmarks: City[] };

const SVG = "http://www.w3.org/2000/svg";
/** Corners that are always in the picture, so that it does not jump when something arrives. */
const CORNERS: Point[] = [[79, 38], [84, 47], [122, 31.2], [113.3, 22.5], [119, 43]];
const LABELLED_FROM = 480;
const SHORT = 70;

/** Draws the map that the page tells of; hides it where there is nothing to draw. */
export function drawMap(): void {
  const [figure, box] = [document.getElementById("map"), document.getElementById("map-box")];
  const source = document.getElementById("map-data");
  if (!figure || !box || !source) return;
  const told = JSON.parse(source.textContent ?? "{}") as Told;
  figure.hidden = !told.lines.length;
  if (figure.hidden) return;
  const width = Math.max(box.clientWidth, 280);
  const height = Math.round(width * (width < LABELLED_FROM ? 0.86 : 0.6));
  box.replaceChildren(picture(told, width, height));
}

function picture(told: Told, width: number, height: number): SVGElement {
  const svg = node("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": say("map") });
  const cities = Object.values(told.cities);
  const coordinates = [...CORNERS, ...cities.map((city) => city.at)];
  const margin = width < LABELLED_FROM ? 26 : 44;
  const frame: [Point, Point] = [[margin, margin], [width - margin, height - margin]];
  const projection = geoConicEqualArea().parallels([25, 47]).rotate([-102, 0]);
  projection.fitExtent(frame, { type: "MultiPoint", coordinates });
  const path = geoPath(projection);
  for (const river of RIVERS)
    svg.append(node("path", { class: "river", d: path({ type: "LineString", coordinates: smooth(river.points) }) ?? "" }));
  for (const way of told.lines) {
    const ends = [told.cities[way.from]!.at, told.cities[way.to]!.at];
    const arc = path({ type: "LineString", coordinates: bowed(ends[0]!, ends[1]!) }) ?? "";
    svg.append(node("path", { class: way.late ? "arc late" : "arc", d: arc, "data-from": way.from, "data-to": way.to }));
  }
  for (const [kind, radius, some] of [["landmark", 3, told.landmarks], ["city", 5, cities]] as const)
    for (const city of some) {
      const [x, y] = at(projection, city.at);
      svg.append(node("circle", { class: kind, cx: x, cy: y, r: radius }));
    }
  for (const [key, city] of Object.entries(told.cities))
    if (told.lines.some((way) => way.last[key])) {
      const [x, y] = at(projection, city.at);
      svg.append(node("circle", { class: "last", cx: x, cy: y, r: 11, "data-city": key }));
    }
  for (const way of told.lines) svg.append(...badge(projection, told, way));
  svg.append(...names(projection, cities, told.landmarks, width));
  return svg;
}

/** A line that bows northwards, so that two ways between the same cities would not lie on one another. */
function bowed(start: Point, end: Point): Point[] {
  const along = geoInterpolate(start, end);
  const bow = Math.min(Math.hypot(end[0] - start[0], end[1] - start[1]) / 9, 4) * (start[0] < end[0] ? 1 : -1);
  return Array.from({ length: 33 }, (_, step) => {
    const [longitude, latitude] = along(step / 32);
    return [longitude, latitude + Math.sin((Math.PI * step) / 32) * bow];
  });
}

/** The line with its corners cut twice (Chaikin), so that a river does not look like a street. */
function smooth(points: Point[]): Point[] {
  const cut = (line: Point[]): Point[] => {
    const inner = line.slice(1).flatMap((end, index): Point[] => {
      const start = line[index]!;
      return [0.25, 0.75].map((part) => [start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part]);
    });
    return [line[0]!, ...inner, line.at(-1)!];
  };
  return cut(cut(points));
}

/** How many consignments go that way, where it is more than one. */
function badge(projection: GeoProjection, told: Told, way: Way): SVGElement[] {
  const line = bowed(told.cities[way.from]!.at, told.cities[way.to]!.at);
  const [start, end] = [at(projection, line[0]!), at(projection, line[32]!)];
  // On a short line it would hide what it counts.
  if (way.count < 2 || Math.hypot(end[0] - start[0], end[1] - start[1]) < SHORT) return [];
  const [x, y] = at(projection, line[16]!);
  const count = node("text", { class: "count", x, y });
  count.textContent = new Intl.NumberFormat(data.tag).format(way.count);
  return [node("circle", { class: way.late ? "count-back late" : "count-back", cx: x, cy: y, r: 12 }), count];
}

/** Names of cities, each on the side where it hides none of those before it. */
function names(projection: GeoProjection, cities: City[], landmarks: City[], width: number): SVGElement[] {
  const taken = [...cities, ...landmarks].map((city) => {
    const [x, y] = at(projection, city.at);
    return { left: x - 7, right: x + 7, top: y - 7, bottom: y + 7 };
  });
  // Those that matter choose their place first.
  return [...cities, ...landmarks].map((city, index) => {
    const isLandmark = index >= cities.length;
    const size = isLandmark ? 12 : 14;
    const [x, y] = at(projection, city.at);
    const long = [...city.name].reduce((sum, letter) => sum + (letter > "\u2e80" ? size : size * (isLandmark ? 0.62 : 0.66)), 0);
    const sides = [
      { anchor: "start", x: x + 14, y: y + 5, left: x + 14 },
      { anchor: "end", x: x - 14, y: y + 5, left: x - 14 - long },
      { anchor: "middle", x, y: y - 16, left: x - long / 2 },
      { anchor: "middle", x, y: y + 27, left: x - long / 2 },
    ];
    const boxes = sides.map((side) => ({ left: side.left, right: side.left + long, top: side.y - size, bottom: side.y + 4 }));
    const hidden = boxes.map(
      (box) =>
        taken.filter((one) => box.left < one.right && box.right > one.left && box.top < one.bottom && box.bottom > one.top)
          .length + (box.left < 2 || box.right > width - 2 ? 3 : 0),
    );
    const best = hidden.indexOf(Math.min(...hidden));
    taken.push(boxes[best]!);
    const side = sides[best]!;
    const kind = isLandmark ? "city-name landmark-name" : "city-name";
    const text = node("text", { class: kind, x: side.x, y: side.y, "text-anchor": side.anchor, direction: "ltr" });
    text.textContent = city.name;
    return text;
  });
}

const at = (projection: GeoProjection, point: Point): Point => projection(point) ?? [-99, -99];

function node(name: string, attributes: { [name: string]: string | number }): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes))
    made.setAttribute(key, typeof value === "number" ? String(Math.round(value * 10) / 10) : value);
  return made;
}
