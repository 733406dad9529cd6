// The phone of the sandbox: follows the call, presses keys without a new page, and speaks. It works without this.
import { refresh, send } from "./live.js";

const LATER = [500, 2000, 5000]; // ms: the last status comes after the end of the call

const call = document.querySelector("[data-call]");
const said = () => [...document.querySelectorAll("[data-say]")];
let spoken = said().length;
let sent = Promise.resolve(); // one after the other, so that keys arrive in the order in which they were pressed

function speak() {
  const all = said();
  if (document.getElementById("aloud").checked && window.speechSynthesis) {
    for (const one of all.slice(spoken)) speechSynthesis.speak(new SpeechSynthesisUtterance(one.innerText));
  }
  spoken = all.length;
}

async function follow() {
  let version = Number(call.dataset.version);
  while (!("over" in call.dataset)) {
    const answer = await fetch(`${call.dataset.call}?since=${version}`);
    if (!answer.ok) return;
    const told = await answer.json();
    if (told.version === version) continue;
    version = told.version;
    await refresh();
    if (told.over) call.dataset.over = "";
  }
  for (const later of LATER) setTimeout(refresh, later);
}

document.addEventListener("renewed", speak);
document.addEventListener("submit", (event) => {
  if (!("quiet" in event.target.dataset)) return;
  event.preventDefault();
  sent = sent.then(() => send(event.target, event.submitter)).catch(() => {});
});
if (window.speechSynthesis) document.querySelector("[data-speech]").hidden = false;
follow().catch(() => {});
