/** The script of the pages about people: joining, signing in, oneself, colleagues, keys for systems. */

import { joinPage } from "./join.ts";
import { keysPage, mePage, peoplePage } from "./manage.ts";
import { data, say, wordsOf } from "./page.ts";
import { signInPage } from "./sign-in.ts";

const PAGES: Record<string, () => Promise<void>> = {
  join: joinPage,
  "sign-in": signInPage,
  me: mePage,
  people: peoplePage,
  keys: keysPage,
};

PAGES[data.page ?? ""]?.()
  .then(() => document.documentElement.setAttribute("data-ready", data.page ?? ""))
  .catch((error: unknown) => {
    say(wordsOf(error));
    console.error(error);
  });
