"use strict";

// Both programs resolve all of a document before they show anything, so that they are given one tag at a time: the one
// that the fragment points into (a link to an operation), else the one that was chosen, else the first step.
const choice = document.getElementById("tag");

const pointedAt = () => {
  const [, name] = /^#(?:\/|tag\/)([^/]+)/.exec(location.hash) || [];
  const tag = name && decodeURIComponent(name).replaceAll(/[_-]/g, " ");
  return [...choice.options].map(({ value }) => value).find((value) => value && value.replaceAll(/[_-]/g, " ") === tag);
};

const wanted = pointedAt() ?? new URLSearchParams(location.search).get("tag") ?? "Authentication";
choice.value = wanted;

choice.addEventListener("change", () => location.assign(`?tag=${encodeURIComponent(choice.value)}`));

window.addEventListener("hashchange", () => {
  if (choice.value !== "" && (pointedAt() ?? choice.value) !== choice.value) location.reload();
});

window.documentAddress = wanted === "" ? "openapi.json" : `openapi.json?tag=${encodeURIComponent(wanted)}`;
