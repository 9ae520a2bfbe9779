// Shows the classes of a model, to read or to select one.

import { base, element } from "../../common.js";
import { messages } from "../messages.js";

const dialog = document.getElementById("classes");
const search = dialog.querySelector("input");
const list = dialog.querySelector("ul");
const title = dialog.querySelector("h2");
const count = dialog.querySelector(".fine");

// Keeps long lists fast.
const maxShown = 1000;

const cache = new Map();

const fetchClasses = async (model) => {
  if (!cache.has(model)) {
    const response = await fetch(base + "/api/models/" + encodeURIComponent(model) + "/labels");
    if (!response.ok) throw new Error(String(response.status));
    const { labels, synonyms = [] } = await response.json();
    cache.set(model, labels.map((label, index) => ({ label, names: synonyms[index] ?? [] })));
  }
  return cache.get(model);
};

let classes = [];
let selectHandler = null;

// Ignores accents and case.
const normalize = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const noMatch = 3;

// Ranks names that start with the text first, then those with such a word, then those that contain it.
const rank = (name, text) => {
  const at = name.indexOf(text);
  return at === 0 ? 0 : at > 0 && /[\s(-]/.test(name[at - 1]) ? 1 : at > 0 ? 2 : noMatch;
};

// Ranks synonyms below labels, and returns the one to show.
const match = ({ label, names }, text) => {
  const labelRank = rank(normalize(label), text);
  if (labelRank < noMatch) return { rank: labelRank };
  const [best] = names.map((name) => ({ name, rank: rank(normalize(name), text) })).sort((a, b) => a.rank - b.rank);
  return best && best.rank < noMatch ? { name: best.name, rank: noMatch + best.rank } : null;
};

const updateList = () => {
  const text = normalize(search.value.trim());
  const matches = classes
    .map((item, index) => ({ label: item.label, index, match: match(item, text) }))
    .filter((item) => item.match)
    .sort((a, b) => a.match.rank - b.match.rank || (text === "" ? a.label.localeCompare(b.label) : a.index - b.index));
  list.replaceChildren(...matches.slice(0, maxShown).map(({ label, match: { name } }) => {
    const row = element("li");
    if (selectHandler) {
      const button = element("button", "class", label);
      button.type = "button";
      button.addEventListener("click", () => {
        const handler = selectHandler;
        dialog.close();
        handler(label);
      });
      row.append(button);
    } else row.textContent = label;
    if (name) (row.firstElementChild ?? row).append(element("span", "fine", " · " + name));
    return row;
  }));
  count.textContent = matches.length === 0 ? messages.noClass : messages.classesFound(matches.length);
};

search.addEventListener("input", updateList);
search.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (search.value.trim() !== "") list.querySelector("button")?.click();
});
dialog.querySelector(".close").addEventListener("click", () => dialog.close());

// Calls `onSelect` with a label; null shows a list to read.
export const showClasses = async (model, heading, onSelect = null) => {
  const loaded = await fetchClasses(model).catch(() => null);
  classes = loaded ?? [];
  selectHandler = onSelect;
  title.textContent = heading;
  search.value = "";
  dialog.classList.toggle("picks", onSelect !== null);
  updateList();
  if (!loaded) count.textContent = messages.noLabels;
  dialog.showModal();
  list.scrollTop = 0;
  search.focus();
};
