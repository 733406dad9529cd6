// What the pages do beyond forms and links. Everything works without it.
"use strict";

const parser = new DOMParser();

// Puts what is new of a freshly fetched page in the place of the old: what did not change stays, with focus and selection.
async function refresh(response) {
  const answer = await (response || fetch(location.href, { headers: { Accept: "text/html", "X-Renewal": "1" } }));
  if (!answer.ok || (answer.redirected && new URL(answer.url).pathname === "/sign-in")) return;
  const page = parser.parseFromString(await answer.text(), "text/html");
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
  speak();
}

// Makes a node like a fresh one, and changes as little of it as possible.
function renew(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName || old.nodeType !== Node.ELEMENT_NODE) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(old.nodeName === "DETAILS" && name === "open")) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((child, place) => {
    if (place < before.length) renew(before[place], child);
    else old.append(child);
  });
  for (const child of before.slice(after.length)) child.remove();
}

// Follows what happens while the page is looked at.
if (document.querySelector("[data-live]") && window.EventSource) {
  let source = null;
  const watch = () => {
    if (document.hidden && source) {
      source.close();
      source = null;
    } else if (!document.hidden && !source) {
      source = new EventSource("/changes");
      source.onmessage = () => refresh().catch(() => {});
    }
  };
  document.addEventListener("visibilitychange", () => {
    watch();
    if (!document.hidden) refresh().catch(() => {});
  });
  watch();
}

// The phone of the sandbox: follows the call, presses keys without a new page, and speaks.
let spoken = 0;
function speak() {
  const said = [...document.querySelectorAll("[data-say]")];
  const aloud = document.getElementById("aloud");
  if (aloud && aloud.checked && window.speechSynthesis) {
    for (const one of said.slice(spoken)) speechSynthesis.speak(new SpeechSynthesisUtterance(one.innerText));
  }
  spoken = said.length;
}

async function follow(call) {
  let version = Number(call.dataset.version);
  while (!("over" in call.dataset)) {
    let told;
    try {
      const answer = await fetch(`${call.dataset.call}?since=${version}`);
      if (!answer.ok) return;
      told = await answer.json();
    } catch {
      return;
    }
    if (told.version === version) continue;
    version = told.version;
    await refresh();
    if (told.over) call.dataset.over = "";
  }
  for (const later of [500, 2000, 5000]) setTimeout(refresh, later); // the last status comes after the end
}

const call = document.querySelector("[data-call]");
if (call) {
  const offer = document.querySelector("[data-speech]");
  if (offer && window.speechSynthesis) offer.hidden = false;
  spoken = document.querySelectorAll("[data-say]").length;
  follow(call);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("quiet" in form.dataset)) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  for (const field of form.querySelectorAll("input:not([type=hidden])")) field.value = "";
  refresh(fetch(form.action || location.href, { method: "POST", body }));
});
