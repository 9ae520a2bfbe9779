// The classes that a model knows, as a list that is searched: to read, or to pick one from.

import { base, element } from "../../common.js";
import { words } from "../words.js";

const dialog = document.getElementById("classes");
const search = dialog.querySelector("input");
const list = dialog.querySelector("ul");
const title = dialog.querySelector("h2");
const count = dialog.querySelector(".fine");
const mostShown = 1000;

const known = new Map();

// The names of the classes, each with its further names.
const classesOf = async (model) => {
  if (!known.has(model)) {
    const response = await fetch(base + "/api/models/" + encodeURIComponent(model) + "/labels");
    if (!response.ok) throw new Error(String(response.status));
    const { labels, synonyms = [] } = await response.json();
    known.set(model, labels.map((label, index) => ({ label, names: synonyms[index] ?? [] })));
  }
  return known.get(model);
};

let classes = [];
let onPick = null;

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const lost = 3;

// Those that begin with the text first, then those with a word that does, then the others that hold it.
const rank = (name, text) => {
  const at = name.indexOf(text);
  return at === 0 ? 0 : at > 0 && /[\s(-]/.test(name[at - 1]) ? 1 : at > 0 ? 2 : lost;
};

// A class by its label or, behind those, by a further name, which is then shown.
const match = ({ label, names }, text) => {
  const own = rank(plain(label), text);
  if (own < lost) return { rank: own };
  const [best] = names.map((name) => ({ name, rank: rank(plain(name), text) })).sort((a, b) => a.rank - b.rank);
  return best && best.rank < lost ? { name: best.name, rank: lost + best.rank } : null;
};

const fill = () => {
  const text = plain(search.value.trim());
  const found = classes
    .map((one, index) => ({ label: one.label, index, match: match(one, text) }))
    .filter((one) => one.match)
    .sort((a, b) => a.match.rank - b.match.rank || (text === "" ? a.label.localeCompare(b.label) : a.index - b.index));
  list.replaceChildren(...found.slice(0, mostShown).map(({ label, match: { name } }) => {
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
    if (name) (row.firstElementChild ?? row).append(element("span", "fine", " · " + name));
    return row;
  }));
  count.textContent = found.length === 0 ? words.noClass : words.classesFound(found.length);
};

search.addEventListener("input", fill);
search.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (search.value.trim() !== "") list.querySelector("button")?.click();
});
dialog.querySelector(".close").addEventListener("click", () => dialog.close());

// `heading` is the model's title, or a question; `pick` gets the class that was chosen, and is null for a list to read.
export const showClasses = async (model, heading, pick = null) => {
  const found = await classesOf(model).catch(() => null);
  classes = found ?? [];
  onPick = pick;
  title.textContent = heading;
  search.value = "";
  dialog.classList.toggle("picks", pick !== null);
  fill();
  if (!found) count.textContent = words.noLabels;
  dialog.showModal();
  list.scrollTop = 0;
  search.focus();
};
