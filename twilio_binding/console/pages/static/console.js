// What the pages do beyond forms and links. Everything works without it.
"use strict";

const parser = new DOMParser();

// Puts the parts of a newly fetched page in the place of the old ones, so that focus and typed text stay.
async function refresh(response) {
  const answer = await (response || fetch(location.href, { headers: { Accept: "text/html" } }));
  if (!answer.ok) return;
  const page = parser.parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[data-swap]")) {
    const fresh = page.querySelector(`[data-swap="${old.dataset.swap}"]`);
    if (!fresh) continue;
    if (old.tagName === "FORM") old.hidden = fresh.hidden;
    else if (old.innerHTML !== fresh.innerHTML) old.replaceChildren(...fresh.childNodes);
  }
  speak();
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
  setTimeout(refresh, 500); // the last status comes after the end
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
