// The reader test goes on by itself as soon as a card moves.
"use strict";

(async () => {
  const seen = document.getElementById("waiting").dataset.seen;
  const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));
  for (;;) {
    try {
      const answer = await fetch(`/reader-test/wait?${new URLSearchParams({ seen })}`, { cache: "no-store" });
      if (!answer.ok || (await answer.json()).look) {
        location.replace("/reader-test");
        return;
      }
    } catch {
      await pause(2); // the agent is restarting
    }
  }
})();
