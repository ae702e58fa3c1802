// Keeps the progress of a running batch up to date. Without it the page shows what was so when it was loaded.
"use strict";

const RUNNING_SECONDS = 2;
const IDLE_SECONDS = 10;

const box = document.querySelector("[data-progress]");

if (box) {
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-text]");
  const news = box.querySelector("[data-news]");
  const loaded = text.textContent;
  let seconds = bar.hidden ? IDLE_SECONDS : RUNNING_SECONDS;

  const show = (progress) => {
    bar.max = Math.max(progress.total, 1);
    bar.value = progress.done;
    bar.hidden = !progress.running;
    text.textContent = progress.text;
    seconds = progress.running ? RUNNING_SECONDS : IDLE_SECONDS;
    if (progress.text !== loaded && !news.hasChildNodes()) {
      const link = document.createElement("a");
      link.href = "";
      link.textContent = "Show the new grades";
      news.append(link);
    }
  };

  const poll = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(box.dataset.progress);
        if (answer.status === 401) return; // signed out
        if (answer.ok) show(await answer.json());
      } catch {
        text.textContent = "The server doesn’t answer.";
      }
    }
    setTimeout(poll, 1000 * seconds);
  };

  setTimeout(poll, 1000 * seconds);
}
