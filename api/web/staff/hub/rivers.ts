/**
 * Rivers by which a reader finds their way on the map: some points of each, set by hand from general knowledge, in tenths
 * of a degree. They are a drawing, no survey. There are no borders here, of anything, and there shall be none.
 */

export type River = { name: string; points: [longitude: number, latitude: number][] };

const line = (text: string): [number, number][] =>
  text.split(" ").map((pair) => pair.split(",").map(Number) as [number, number]);

export const RIVERS: River[] = [
  {
    name: "Yangtze",
    points: line(
      "91,33.4 92.4,34.2 95.3,34 97.2,33 98.6,31.8 99,30 99.4,28.2 99.9,26.9 101,26.2 101.7,26.6 102.9,26.4 103.6,27.6 " +
        "104.6,28.8 106.6,29.6 107.6,29.9 108.4,30.8 110,31 111.3,30.7 112.3,29.9 113.1,29.4 114.3,30.6 115.2,30.2 " +
        "116,29.7 117,30.5 118.4,31.4 118.7,32.1 119.4,32.2 120.7,31.9 121.8,31.4",
    ),
  },
  {
    name: "Yellow River",
    points: line(
      "96,35 98.2,34.9 99.7,33.8 101.3,33.5 102.1,34 101,34.7 100.2,35.5 100.9,36.1 102.2,35.9 103.8,36.1 105.2,37.5 " +
        "106.4,38.5 106.8,39.7 107,40.3 108.5,40.8 109.9,40.5 111.2,40.2 111.1,39.4 110.7,37.5 110.4,36.1 110.3,34.6 " +
        "111.2,34.8 113.6,34.9 114.4,34.9 115.1,35.4 117,36.7 118.2,37.4 119.1,37.7",
    ),
  },
  {
    name: "Tarim",
    points: line("76.5,36.3 77.2,38.4 78.5,39.3 81.2,40.5 82.8,41 84,41.1 86,41.2 87.5,40.6 88.4,39.6"),
  },
  { name: "Ili", points: line("84.2,43.3 82.5,43.5 81.3,43.9 80.3,43.9 78.5,43.9 77.1,44 75.9,44.8 74.2,45.5") },
  { name: "Irtysh", points: line("89.9,47 88,47.4 86.8,47.9 85.5,48 84,48") },
  { name: "Pearl River", points: line("104,25 105.2,24.6 106.5,24.9 107.6,24.2 108.5,23.8 110.1,23.4 111.3,23.5 112.5,23.1 113.5,22.8") },
  { name: "Songhua", points: line("126.5,43.8 125.4,44.8 125,45.4 126.6,45.8 128.7,46.2 130.4,46.8 132,47.5") },
  { name: "Huai", points: line("113.5,32.6 115,32.4 116.8,32.6 118.1,33.1 119.3,33.7 120.3,34.1") },
];
