// Tells while somebody types how many segments a text takes. Without this, "Check" tells it before a text is sent.

const PAUSE = 250; // ms after the last key
const parser = new DOMParser();

for (const told of document.querySelectorAll("[data-counts]")) {
  const field = document.getElementById(told.dataset.counts);
  const form = field.form;
  let timer = 0;
  let newest = 0;

  const isSms = () => {
    const kind = form.querySelector("[name=kind]:checked");
    return (!kind || kind.value === "text") && !form.querySelector("[name=picture]")?.value;
  };

  async function count() {
    const number = ++newest;
    let text = "";
    if (field.value && isSms()) {
      const body = new FormData();
      body.set("csrf", form.elements.csrf.value);
      body.set("text", field.value);
      const answer = await fetch("/segments", { method: "POST", body });
      if (answer.ok && !answer.redirected) text = parser.parseFromString(await answer.text(), "text/html").body.textContent.trim();
    }
    if (number === newest && told.textContent !== text) told.textContent = text;
  }

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => count().catch(() => {}), PAUSE);
  };
  form.addEventListener("input", later);
  later();
}
