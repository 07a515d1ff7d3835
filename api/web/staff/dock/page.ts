/** The pages for driver and dock: which of them this is, and what they have in common. `sender.ts` sends what they keep. */

import { the } from "./dom.ts";
import { page } from "./page_data.ts";
import { showQueue } from "./queue_page.ts";
import { refresh, showReceive } from "./receive_page.ts";
import { showScan } from "./scan_page.ts";

window.addEventListener("offline", () => void (the("offline").hidden = false));
window.addEventListener("online", () => {
  the("offline").hidden = true;
  if (page.page === "receive") void refresh();
});
await { scan: showScan, receive: showReceive, queue: showQueue }[page.page]();
document.documentElement.dataset.ready = "yes";
// Asked for so that the browser does not throw away what waits when it needs space.
void navigator.storage?.persist?.();
