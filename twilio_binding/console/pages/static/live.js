// Keeps an open page current: the service says that something has changed, and what is new of the page is put in place.
import { areBusy } from "./hands.js";
import { renew } from "./renew.js";

const parser = new DOMParser();
const LOOK = 100; // ms between looks whether somebody still uses the page
const AGAIN = 2000; // ms until the service is asked again where it could not answer; each time it cannot, twice as long
const SELDOM = 60000; // ms, the longest
const GRACE = 6000; // ms without news and without a word: the service may be restarting, and a page that gave way comes back after 5000
const PATIENCE = 30000; // ms for a page
const stale = document.getElementById("stale");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
let running = null;
let again = false;

// How long to wait where the service could not answer: `next` is twice as long each time, until `restart`.
function makeWaits() {
  let tries = 0;
  return {
    next: () => Math.min(AGAIN * 2 ** tries++, SELDOM),
    restart: () => (tries = 0),
  };
}

// Fetches the page and shows what is new, as soon as nobody is just using it. Of many wishes at a time one or two are done.
export function refresh() {
  again = true;
  running ||= catchUp().finally(() => (running = null));
  return running;
}

async function catchUp() {
  const waits = makeWaits();
  while (again) {
    while (areBusy()) await pause(LOOK);
    again = false;
    const page = await fetchPage();
    if (page === undefined) {
      again = true;
      await pause(waits.next());
    } else if (page === null) stale.hidden = false;
    else if (areBusy()) again = true;
    else {
      put(page);
      stale.hidden = true;
    }
  }
}

// The page as it is now; null where it cannot be shown any more, undefined where the service could not answer.
async function fetchPage() {
  const asked = { headers: { Accept: "text/html", "X-Renewal": "1" }, signal: AbortSignal.timeout(PATIENCE) };
  try {
    const answer = await fetch(location.href, asked);
    return answer.status < 500 ? await read(answer) : undefined;
  } catch {
    return undefined;
  }
}

// Sends a form and shows what is new at once: it is the answer to what somebody did here.
export async function send(form, submitter) {
  const body = new FormData(form, submitter);
  for (const field of form.querySelectorAll("input:not([type=hidden])")) field.value = "";
  const page = await read(await fetch(form.action || location.href, { method: "POST", body, headers: { "X-Renewal": "1" } }));
  if (page) put(page);
  else stale.hidden = false;
}

async function read(answer) {
  if (!answer.ok || (answer.redirected && new URL(answer.url).pathname === "/sign-in")) return null;
  return parser.parseFromString(await answer.text(), "text/html");
}

function put(page) {
  for (const old of document.querySelectorAll("[data-swap]")) {
    const fresh = page.querySelector(`[data-swap="${old.dataset.swap}"]`);
    if (fresh && old.tagName === "FORM") old.hidden = fresh.hidden;
    else if (fresh) renew(old, fresh);
  }
  // What was renewed above has taken nodes from the fresh page: a second time it would lose them.
  const others = "[data-live]:not([data-swap])";
  const live = page.querySelectorAll(others);
  document.querySelectorAll(others).forEach((old, place) => {
    if (live[place]) renew(old, live[place]);
  });
  document.documentElement.dataset.version = page.documentElement.dataset.version;
  document.dispatchEvent(new Event("renewed"));
}

// Follows what happens while the page is looked at, from the version of it that is shown.
if (document.querySelector("[data-live]") && window.EventSource) {
  const waits = makeWaits();
  let source = null;
  let warning = 0;
  const close = () => {
    source?.close();
    source = null;
  };
  const watch = () => {
    if (document.hidden || source) return;
    source = new EventSource(`/changes?known=${document.documentElement.dataset.version}`);
    source.onopen = () => {
      waits.restart();
      clearTimeout(warning);
      warning = 0;
      stale.hidden = true;
    };
    source.onmessage = refresh;
    // Where there was no answer the browser asks again by itself; after an answer that says no, it does not.
    source.onerror = () => {
      warning ||= setTimeout(() => (stale.hidden = false), GRACE);
      if (source.readyState !== EventSource.CLOSED) return;
      close();
      setTimeout(watch, waits.next());
    };
  };
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : watch()));
  watch();
}
