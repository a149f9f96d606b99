// Warns two minutes before the server ends an idle session. The server decides alone; this only saves what was typed.
"use strict";

const WARNED_BEFORE = 120;
const dialog = document.getElementById("idle");
const tabs = new BroadcastChannel("ankang-idle");
let timers = [];

function restart() {
  timers.forEach(clearTimeout);
  const seconds = Number(dialog.dataset.seconds);
  timers = [
    setTimeout(() => dialog.showModal(), Math.max(0, seconds - WARNED_BEFORE) * 1000),
    setTimeout(() => location.assign(dialog.dataset.ended), seconds * 1000),
  ];
  dialog.close();
}

// A request from another tab keeps this one logged in as well.
function wasActive() {
  restart();
  tabs.postMessage("active");
}

dialog.querySelector("[data-stay]").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) }).catch(() => null);
  if (answer && answer.status === 204) wasActive();
  else location.assign(dialog.dataset.ended);
});

// Esc closes a dialog; staying has to be said to the server as well.
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  dialog.querySelector("[data-stay]").requestSubmit();
});

document.addEventListener("htmx:afterRequest", wasActive);
tabs.addEventListener("message", restart);
wasActive();
