// Keeps the lights up to date: the page is opened anew when one of them changed.
"use strict";

setInterval(async () => {
  const shown = document.getElementById("lights").dataset;
  try {
    const answer = await fetch("/status.json", { cache: "no-store" });
    const { lights } = await answer.json();
    if (String(lights.nhi) !== shown.nhi || String(lights.hpc) !== shown.hpc) location.reload();
  } catch {
    // The agent is restarting.
  }
}, 1000);
