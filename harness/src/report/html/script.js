"use strict";
(() => {
  const root = document.documentElement;
  const form = document.querySelector("form.filters");
  const count = form.querySelector("output");
  const told = document.querySelector(".told");
  const parts = [...document.querySelectorAll("[data-part]")];
  const groups = [...document.querySelectorAll(".group")];
  const names = { finding: "findings", clause: "clauses" };
  const texts = new Map();

  const textOf = (part) => {
    if (!texts.has(part)) {
      texts.set(part, part.textContent.toLowerCase());
    }
    return texts.get(part);
  };

  const filter = () => {
    const asked = new FormData(form);
    const words = asked.get("text").toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = ["operation", "stance", "state"].filter((name) => asked.get(name));
    const shown = { finding: 0, clause: 0 };
    const all = { finding: 0, clause: 0 };
    for (const part of parts) {
      const fits = chosen.every((name) => part.dataset[name] === asked.get(name))
        && words.every((word) => textOf(part).includes(word));
      part.hidden = !fits;
      all[part.dataset.part] += 1;
      shown[part.dataset.part] += fits ? 1 : 0;
    }
    for (const group of groups) {
      group.hidden = !group.querySelector("[data-part]:not([hidden])");
    }
    const counts = Object.keys(names).map((kind) => `${shown[kind]} of ${all[kind]} ${names[kind]}`);
    count.textContent = `Shown: ${counts.join(", ")}`;
  };

  // Outside secure contexts there is no clipboard to write to, but a selection can be copied.
  const copy = async (source) => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch {
      source.closest("details")?.setAttribute("open", "");
      getSelection().selectAllChildren(source);
      return document.execCommand("copy");
    }
  };

  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) {
      return;
    }
    if (target.closest("[hidden]")) {
      form.reset();
    }
    const folded = target.closest("details");
    if (folded) {
      folded.open = true;
      target.scrollIntoView();
    }
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.copies) {
      const done = await copy(document.getElementById(button.dataset.copies));
      button.textContent = done ? "Copied" : "Selected";
      told.textContent = done ? "Copied" : "Selected: copy it with the keyboard";
      setTimeout(() => {
        button.textContent = "Copy";
        told.textContent = "";
      }, 2000);
    } else if (button?.dataset.fold) {
      for (const finding of document.querySelectorAll(".finding:not([hidden])")) {
        finding.open = button.dataset.fold === "open";
      }
    }
  });
  form.addEventListener("input", filter);
  form.addEventListener("change", filter);
  // The fields are empty only after the event.
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", reveal);
  root.classList.add("scripts");
  filter();
  reveal();
})();
