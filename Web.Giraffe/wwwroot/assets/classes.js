// The classes that a model knows, as a list that is searched: to read, or to pick one from.

import { base, element } from "./common.js";
import { announce } from "./announce.js";
import { words } from "./words.js";

const dialog = document.getElementById("classes");
const search = dialog.querySelector("input");
const list = dialog.querySelector("ul");
const title = dialog.querySelector("h2");
const count = dialog.querySelector(".fine");
const mostShown = 1000;

const known = new Map();

const labelsOf = async (model) => {
  if (!known.has(model)) {
    const response = await fetch(base + "/api/models/" + encodeURIComponent(model) + "/labels");
    if (!response.ok) throw new Error(String(response.status));
    known.set(model, (await response.json()).labels);
  }
  return known.get(model);
};

let labels = [];
let onPick = null;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// Those that begin with the text first, then those with a word that does, then the others that hold it.
const rank = (label, text) => {
  const at = label.indexOf(text);
  return at === 0 ? 0 : at > 0 && /[\s(-]/.test(label[at - 1]) ? 1 : at > 0 ? 2 : 3;
};

const fill = () => {
  const text = plain(search.value.trim());
  const found = labels
    .map((label, index) => ({ label, index, rank: text === "" ? 0 : rank(plain(label), text) }))
    .filter((row) => row.rank < 3)
    .sort((a, b) => a.rank - b.rank || (text === "" ? a.label.localeCompare(b.label) : a.index - b.index));
  list.replaceChildren(...found.slice(0, mostShown).map(({ label }) => {
    const row = element("li");
    if (onPick) {
      const button = element("button", "class", label);
      button.type = "button";
      button.addEventListener("click", () => {
        const pick = onPick;
        dialog.close();
        pick(label);
      });
      row.append(button);
    } else row.textContent = label;
    return row;
  }));
  count.textContent = found.length === 0 ? words.noClass : String(found.length);
};

search.addEventListener("input", fill);
search.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  list.querySelector("button")?.click();
});
dialog.querySelector(".close").addEventListener("click", () => dialog.close());

// `heading` is the model's title, or a question; `pick` gets the class that was chosen, and is null for a list to read.
export const showClasses = async (model, heading, pick = null) => {
  try {
    labels = await labelsOf(model);
  } catch {
    announce(words.noLabels);
    return false;
  }
  onPick = pick;
  title.textContent = heading;
  search.value = "";
  dialog.classList.toggle("picks", pick !== null);
  fill();
  dialog.showModal();
  list.scrollTop = 0;
  search.focus();
  return true;
};
