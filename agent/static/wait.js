// Waits on the insert page: asks the agent until a card moves, then opens the transaction anew.
"use strict";

(async () => {
  const waiting = document.getElementById("waiting");
  const query = new URLSearchParams({
    transaction: waiting.dataset.transaction,
    server: waiting.dataset.server,
    seen: waiting.dataset.seen,
  });
  const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
  for (;;) {
    try {
      const answer = await fetch(`/card/wait?${query}`, { cache: "no-store" });
      // A refusal means that this page is out of date: the full page explains why.
      if (!answer.ok || (await answer.json()).look) {
        location.replace(waiting.dataset.next);
        return;
      }
    } catch {
      await pause(2); // the agent is restarting
    }
  }
})();
