// Keeps what somebody has typed if the form leads to the sign-in page: after that, it is in the form again.

const KEPT = "draft";
const FIELDS = "textarea, select, input:not([type=hidden], [type=password], [type=file])";
const HINT = "You had to sign in first, so this was not sent yet. Please send it again.";

const isChoice = (field) => field.type === "checkbox" || field.type === "radio";
const fieldsOf = (form) => [...form.querySelectorAll(FIELDS)].filter((field) => field.name);

function keep(form) {
  const values = fieldsOf(form).map((field) => [field.name, isChoice(field) ? field.checked && field.value : field.value]);
  if (!values.length) return;
  const draft = { page: location.pathname, form: form.getAttribute("action"), values };
  sessionStorage.setItem(KEPT, JSON.stringify(draft));
}

function putBack({ page, form: action, values }) {
  const form = [...document.forms].find((one) => one.method === "post" && one.getAttribute("action") === action && fieldsOf(one).length);
  if (page !== location.pathname || !form) return;
  for (const [name, value] of values) {
    for (const field of fieldsOf(form).filter((one) => one.name === name)) {
      if (!isChoice(field)) field.value = value;
      else if (field.value === value) field.checked = true;
    }
  }
  const hint = document.createElement("p");
  hint.className = "notice";
  hint.setAttribute("role", "status");
  hint.textContent = HINT;
  form.prepend(hint);
  fieldsOf(form)[0].dispatchEvent(new Event("input", { bubbles: true }));
  hint.scrollIntoView({ block: "center" });
}

const draft = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
if (draft && location.pathname === "/sign-in") sessionStorage.setItem(KEPT, JSON.stringify({ ...draft, unsent: true }));
else if (draft) {
  sessionStorage.removeItem(KEPT);
  if (draft.unsent) putBack(draft);
}
addEventListener("submit", (event) => event.defaultPrevented || event.target.method !== "post" || keep(event.target));
