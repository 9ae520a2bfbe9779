import { base, readSetting, writeSetting } from "../common.js";
import { showClasses } from "./card/classes.js";
import { messages } from "./messages.js";

const { dataset } = document.getElementById("upload");
export const models = JSON.parse(dataset.models);
export const defaultModel = dataset.default;

// The lists are null if only one model is in service.
const list = document.getElementById("model");
const compareList = document.getElementById("compare");

// Remembers a selection, unless it is the default.
const persistSelection = (list, name, defaultValue) => {
  if (!list) return;
  const saved = readSetting(name);
  if ([...list.options].some(({ value }) => value === saved)) list.value = saved;
  list.addEventListener("change", () => writeSetting(name, list.value === defaultValue ? null : list.value));
};
persistSelection(list, "model", defaultModel);
persistSelection(compareList, "compare", "");

const chosenId = () => list?.value ?? defaultModel;

export const chosenModel = () => models[chosenId()];

// Omits the default model, which every worker supports.
const parameter = (id) => (id === defaultModel ? "" : id);

export const modelParameter = () => parameter(chosenId());

// Returns one model, or the two of a comparison.
export const comparisonSides = () => (compareList && compareList.value !== "" && compareList.value !== list.value
  ? [{ model: modelParameter(), side: "left" }, { model: parameter(compareList.value), side: "right" }]
  : [{ model: modelParameter() }]);

const classesLink = document.getElementById("class-list");
classesLink?.addEventListener("click", (event) => {
  event.preventDefault();
  showClasses(chosenId(), messages.classes(chosenModel().classes, chosenModel().title));
});
const updateClassesLink = () => {
  const info = chosenModel();
  if (!classesLink || !info) return;
  classesLink.textContent = info.knows;
  classesLink.href = base + "/models/" + encodeURIComponent(chosenId()) + "/classes";
  classesLink.parentElement.firstChild.textContent = info.title + ": ";
};
updateClassesLink();
list?.addEventListener("change", updateClassesLink);
