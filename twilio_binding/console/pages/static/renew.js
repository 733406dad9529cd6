// Makes a part of the page like a fresh one, and changes as little of it as possible: focus and selection stay.

// A row keeps its node however rows move, so that its buttons never become those of another.
const keyOf = (node) => (node.nodeType === Node.ELEMENT_NODE ? node.dataset.key || node.id : "");
const isBlank = (node) => node.nodeType === Node.TEXT_NODE && !node.data.trim();

export function renew(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeName !== fresh.nodeName || old.nodeType !== Node.ELEMENT_NODE) {
    old.replaceWith(fresh);
    return;
  }
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(old.nodeName === "DETAILS" && name === "open")) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const children = [...fresh.childNodes];
  if (children.some(keyOf) || [...old.childNodes].some(keyOf)) renewKeyed(old, children);
  else renewPlaces(old, children);
}

function renewPlaces(old, children) {
  const before = [...old.childNodes];
  children.forEach((child, place) => {
    if (place < before.length) renew(before[place], child);
    else old.append(child);
  });
  for (const child of before.slice(children.length)) child.remove();
}

function renewKeyed(old, children) {
  const known = new Map();
  const wanted = new Set(children.map(keyOf));
  for (const child of [...old.childNodes]) {
    const key = keyOf(child);
    if (isBlank(child) || (key && (!wanted.has(key) || known.has(key)))) child.remove();
    else if (key) known.set(key, child);
  }
  let place = old.firstChild;
  for (const child of children) {
    if (isBlank(child)) continue;
    const key = keyOf(child);
    const isLike = place && !keyOf(place) && place.nodeName === child.nodeName;
    const same = key ? known.get(key) : isLike && place;
    known.delete(key);
    if (!same) {
      old.insertBefore(child, place);
      continue;
    }
    if (same === place) place = place.nextSibling;
    else old.insertBefore(same, place);
    renew(same, child);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}
