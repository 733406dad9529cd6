// Says beside a picture or a recording why Twilio did not hand it out. Without this, its link says it.
// No module: it has to listen before the first picture is asked for.
{
  const FILES = "img.picture, audio";
  const reasons = new Map();

  const tell = (file) => {
    const text = reasons.get(file.src);
    const place = file.closest("p");
    if (!text || place.querySelector(".problem")) return;
    const told = document.createElement("span");
    told.className = "problem";
    told.setAttribute("role", "alert");
    told.textContent = text;
    place.append(" ", told);
  };

  const ask = async (file) => {
    const answer = await fetch(file.src);
    if (answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [title, text] = ["main h1", "main p"].map((part) => page.querySelector(part)?.textContent.trim() ?? "");
    reasons.set(file.src, `${title}: ${text}`);
    tell(file);
  };

  addEventListener("error", ({ target }) => target.matches?.(FILES) && ask(target).catch(() => {}), true);
  document.addEventListener("renewed", () => document.querySelectorAll(FILES).forEach(tell));
}
