"use strict";

// what is shown comes ready from the server, escaped there
const parts = document.getElementById("parts");
const live = document.getElementById("live");

const show = (text, well) => {
  live.textContent = text;
  live.className = well ? "well" : "unwell";
};

const stream = new EventSource("dashboard/stream");
stream.addEventListener("parts", (event) => {
  parts.innerHTML = JSON.parse(event.data);
  show("live", true);
});
stream.onerror = () => show("not live", false);

const cookie = (name) =>
  document.cookie.split("; ").find((part) => part.startsWith(name + "="))?.slice(name.length + 1);

parts.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-job]");
  if (button === null) return;
  button.disabled = true;
  const retry = button.dataset.action === "retry";
  const path = "../data/jobs/" + button.dataset.job + (retry ? "/retry" : "");
  const headers = {};
  const proof = cookie("csrf_access_token");
  if (proof !== undefined) headers["X-CSRF-TOKEN"] = proof;
  const answer = await fetch(path, { method: retry ? "POST" : "DELETE", headers });
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({ message: answer.statusText }));
    show(said.message, false);
  }
});
