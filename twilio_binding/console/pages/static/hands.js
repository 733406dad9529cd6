// Knows when somebody is just using the page. Then nothing of it may change: what they press would be something else.

const POINTED = 1500; // ms in which who has pointed at something may still press it
const CLICK = 400; // ms from the end of a touch to its click
const PRESSED = 60000; // ms after which a button counts as let go, also if that was never told
const LEAVING = 30000; // ms in which another page comes; a download comes, and the page stays
const CAN_BE_PRESSED = "a, button, summary, label, input, select, textarea";
const RENEWED = "[data-live], [data-swap]:not(form)";

let until = 0;
let pressed = 0;
const hold = (ms) => (until = Math.max(until, performance.now() + ms));
const press = () => (pressed = performance.now() + PRESSED);
const release = () => (pressed = Math.min(pressed, performance.now() + CLICK));

function point(event) {
  if (!event.buttons) release();
  if (event.target.closest?.(CAN_BE_PRESSED)?.closest(RENEWED)) hold(POINTED);
}

export function areBusy() {
  const now = performance.now();
  return now < until || now < pressed || [...document.querySelectorAll(RENEWED)].some(isFilled);
}

// Whether a field in a part of the page has the focus, or something in it that the page did not have.
function isFilled(part) {
  const fields = part.querySelectorAll("textarea, select, input:not([type=hidden])");
  return [...fields].some((field) => field === document.activeElement || isChanged(field));
}

function isChanged(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.nodeName !== "SELECT") return field.value !== field.defaultValue;
  return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
}

const early = { capture: true, passive: true };
addEventListener("pointerdown", press, early);
addEventListener("keydown", (event) => (event.key === "Enter" || event.key === " ") && press(), early);
for (const name of ["pointerup", "pointercancel", "keyup"]) addEventListener(name, release, early);
addEventListener("blur", release); // of the window itself: blur does not bubble
addEventListener("pointermove", point, early);
addEventListener("submit", (event) => event.defaultPrevented || hold(LEAVING));
addEventListener("beforeunload", () => hold(LEAVING));
addEventListener("pageshow", () => (until = 0));
