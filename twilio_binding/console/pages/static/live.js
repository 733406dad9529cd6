// Keeps an open page current: the service says that something has changed, and what is new of the page is put in place.
import { areBusy } from "./hands.js";
import { renew } from "./renew.js";

const parser = new DOMParser();
const LOOK = 100; // ms between looks whether somebody still uses the page
let running = null;
let again = false;

// Fetches the page and shows what is new, as soon as nobody is just using it. Of many wishes at a time one or two are done.
export function refresh() {
  again = true;
  running ||= catchUp().finally(() => (running = null));
  return running;
}

async function catchUp() {
  while (again) {
    while (areBusy()) await new Promise((resolve) => setTimeout(resolve, LOOK));
    again = false;
    const page = await read(await fetch(location.href, { headers: { Accept: "text/html", "X-Renewal": "1" } }));
    if (areBusy()) again = true;
    else if (page) put(page);
  }
}

// Sends a form and shows what is new at once: it is the answer to what somebody did here.
export async function send(form, submitter) {
  const body = new FormData(form, submitter);
  for (const field of form.querySelectorAll("input:not([type=hidden])")) field.value = "";
  const page = await read(await fetch(form.action || location.href, { method: "POST", body, headers: { "X-Renewal": "1" } }));
  if (page) put(page);
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
  document.dispatchEvent(new Event("renewed"));
}

// Follows what happens while the page is looked at.
if (document.querySelector("[data-live]") && window.EventSource) {
  const follow = () => refresh().catch(() => {});
  let source = null;
  const watch = () => {
    if (document.hidden && source) {
      source.close();
      source = null;
    } else if (!document.hidden && !source) {
      source = new EventSource("/changes");
      source.onmessage = follow;
    }
  };
  document.addEventListener("visibilitychange", () => {
    watch();
    if (!document.hidden) follow();
  });
  watch();
}
