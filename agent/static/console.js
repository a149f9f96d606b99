// The console's tray: puts virtual cards into readers and pulls them out.
"use strict";

const message = document.getElementById("console-message");

const order = async (path, body) => {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.ok) {
    location.reload();
  } else {
    const refusal = await answer.json();
    message.textContent = `${refusal.message} ${refusal.detail}`;
  }
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const reader = Number(button.dataset.reader);
  if (button.dataset.action === "insert_card") {
    order("/virtual/insert", { reader, card: button.dataset.card });
  } else if (button.dataset.action === "remove_card") {
    order("/virtual/remove", { reader });
  }
});
