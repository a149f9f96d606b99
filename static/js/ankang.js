// What HTML alone cannot do: shortcuts, the one alert, printing, and saying that the server is gone. Pages work without it.
"use strict";

// A shortcut presses a button that is on the page and says so in aria-keyshortcuts ("F2", "Alt+N"); there is no other list.
function pressed(event, shortcut) {
  const parts = shortcut.toLowerCase().split("+");
  const key = parts.pop();
  // With Alt, macOS writes another character; the physical key stays the same.
  const hit = event.key.toLowerCase() === key || event.code.toLowerCase() === `key${key}`;
  return hit && event.altKey === parts.includes("alt") && event.ctrlKey === parts.includes("control") && !event.metaKey;
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.isComposing || document.querySelector("dialog[open]")) return;
  for (const control of document.querySelectorAll("[aria-keyshortcuts]")) {
    if (!control.disabled && pressed(event, control.getAttribute("aria-keyshortcuts"))) {
      event.preventDefault();
      control.click();
      return;
    }
  }
});

// A double click sends a form once: the second answer would say "already there" of what the first has just done. A form
// that stays on the page (a file to save, a refused fragment) can be sent again soon.
const DOUBLE_CLICK = 1500; // milliseconds
let justSent = null;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.matches("[hx-post]")) return;
  if (justSent === form) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  justSent = form;
  setTimeout(() => { if (justSent === form) justSent = null; }, DOUBLE_CLICK);
}, true);

window.addEventListener("pageshow", () => { justSent = null; });

// The refusal alert: a native dialog traps the focus and closes with Esc. Its text stands on the page as well.
// A page that opens with it had the focus nowhere, so closing gives it to the next step: the form that the alert names in
// data-next is sent, or the first shortcut of the page gets the focus.
function goOn(dialog) {
  const next = document.getElementById(dialog.dataset.next || "");
  if (next) next.requestSubmit();
  else document.querySelector("main [aria-keyshortcuts]")?.focus();
}

function openAlert() {
  const dialog = document.querySelector("dialog[data-open]:not([open])");
  if (!dialog) return;
  dialog.addEventListener("close", () => goOn(dialog));
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// 列印 on the page before was the wish already (?print): the sheet opens with the printer's dialog, once, so that neither
// reload nor Back prints again. (Not #print: Chromium gives no page with a fragment its autofocus.)
if (location.search === "?print") {
  addEventListener("load", () => {
    history.replaceState(history.state, "", location.pathname);
    window.print();
  }, { once: true });
}

// Typing in a field chooses the kind that it stands beside (data-chooses: the radio button's id).
document.addEventListener("input", (event) => {
  const choice = event.target.closest("[data-chooses]")?.dataset.chooses;
  if (choice && event.target.value) document.getElementById(choice).checked = true;
});

document.addEventListener("htmx:sendError", () => {
  const status = document.getElementById("status");
  status.classList.remove("visually-hidden");
  status.classList.add("alert", "alert-error", "container-xl");
  status.textContent = status.dataset.unreachable;
});

document.addEventListener("htmx:afterSwap", openAlert);
openAlert();
