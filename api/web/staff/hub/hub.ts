/** The script of every page of a hub: keeps it up to date, and draws the map where there is one. */

import { follow } from "./live.ts";
import { drawMap } from "./map.ts";

let width = 0;

drawMap();
follow(drawMap);
window.addEventListener("resize", () => {
  if (window.innerWidth === width) return;
  width = window.innerWidth;
  drawMap();
});
