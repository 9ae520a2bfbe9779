// Starts the upload page.

import { base, readSetting, reducedMotion, writeSetting } from "../common.js";
import { showCopied } from "./card/details.js";
import { Gallery } from "./gallery.js";
import { History } from "./storage/history.js";
import { registerInputs } from "./intake.js";
import { registerRemote } from "./remote.js";
import { Job } from "./job.js";
import { createRenditions } from "./pictures/pictures.js";
import { lastOrder, loadCards } from "./storage/session.js";
import { asCsv, asJson, copyText, download } from "../share.js";
import { Semaphore } from "./upload.js";
import { text } from "../language.js";
import { messages } from "./messages.js";
import { chosenModel, comparisonSides, defaultModel, modelParameter, models } from "./models.js";

const stage = document.getElementById("stage");
const form = document.getElementById("upload");
const fileInput = document.getElementById("file");
const results = document.getElementById("results");
const errorNotice = document.getElementById("error-notice");
const options = form.querySelector(".options");
const title = document.title;

// Without scripts, the server accepts one file.
fileInput.multiple = true;

const showError = ({ title, detail }) => {
  errorNotice.querySelector("strong").textContent = title;
  errorNotice.querySelector("p").textContent = detail;
  errorNotice.hidden = false;
};

let isRestoring = true;
let highestOrder = lastOrder;
let lastPair = Date.now();

const gallery = new Gallery({
  focus: () => fileInput.focus(),
  changed: (all) => {
    if (isRestoring && all === 0) return;
    const state = all === 0 ? "idle" : "filled";
    if (stage.dataset.state === state) return;
    stage.dataset.state = state;
    document.documentElement.classList.toggle("filled", all > 0);
    // The compact uploader opens its options as a menu.
    options.open = false;
    if (all === 0) document.title = title;
  },
});

const page = {
  limit: Number(form.dataset.max),
  limitText: document.getElementById("limit").textContent,
  acceptedTypes: fileInput.accept.split(","),
  // More uploads would only compete for the connection.
  uploadSlots: new Semaphore(4),
  history: new History(document.getElementById("history")),
  card: { keyed: "keyed" in form.dataset, models, defaultModel },
  changed: () => gallery.changed(),
  answered: (job) => {
    document.title = text("layout.titled", { title: gallery.jobs.size === 1 ? job.summary.text : messages.pictures });
    if (gallery.jobs.size <= 2) job.card.flash();
  },
};

// Scrolls unless the results begin in the upper part of the window.
const scrollToResults = () => {
  const { top } = results.getBoundingClientRect();
  if (top > innerHeight * 0.4 || top < 0) results.scrollIntoView({ block: "start", behavior: reducedMotion.matches ? "auto" : "smooth" });
};

const cropFirst = document.getElementById("crop-first");
cropFirst.checked = readSetting("crop") === "yes";
cropFirst.addEventListener("change", () => writeSetting("crop", cropFirst.checked ? "yes" : null));

// Closing the dialog skips the remaining pictures.
const cropAll = async (sources) => {
  const { choosePart } = await import("./pictures/crop.js");
  const parts = [];
  for (const source of sources) {
    const renditions = await createRenditions(source.picture, null, new AbortController().signal).catch(() => null);
    const part = renditions ? await choosePart({ ...source, preview: renditions.card, model: chosenModel() }) : source;
    if (part === null) break;
    parts.push(part);
  }
  return parts;
};

// Adds sources, each with a name, a picture and, for a sample, its address.
const addPictures = async (sources) => addJobs(cropFirst.checked ? await cropAll(sources) : sources);

const adjust = async ({ picture, renditions, card: { source } }) => {
  const { choosePart } = await import("./pictures/crop.js");
  const { name, address } = source;
  const part = await choosePart({
    name, address, picture: picture ?? renditions.card, preview: renditions.card, model: models[source.model || source.defaultModel],
  });
  if (part) addJobs([part]);
};

const addJobs = (sources) => {
  if (sources.length === 0) return;
  errorNotice.hidden = true;
  const sides = comparisonSides();
  const jobs = sources.flatMap(({ picture, ...source }) => {
    const pair = ++lastPair;
    return sides.map((side) => new Job(0, { ...source, pair }, picture, side, page));
  });
  // The gallery shows the highest number first.
  jobs.forEach((job, index) => { job.order = highestOrder + jobs.length - index; });
  highestOrder += jobs.length;
  for (const job of jobs)
    job.card.on(".adjust", () => adjust(job));
  gallery.add(jobs);
  jobs.forEach((job) => job.begin());
  scrollToResults();
};

const addFiles = (files) => addPictures(files.map((picture) => ({ name: picture.name || messages.pasted, picture })));

const remote = registerRemote({ addPictures, showError, onFetched: () => { options.open = false; } });
registerInputs({ addFiles, ...remote });

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (fileInput.files.length > 0) addFiles([...fileInput.files]);
  else showError(messages.noPicture);
});

results.querySelector(".json").addEventListener("click", async ({ target }) => showCopied(target, await copyText(asJson(gallery.shownResults))));
results.querySelector(".csv").addEventListener("click", () => download("pictures.csv", "text/csv", asCsv(gallery.shownResults)));

// Closes menus on a click outside and on Escape.
const menus = () => document.querySelectorAll(".filled .options[open], .export[open]");
document.addEventListener("click", ({ target }) => {
  for (const menu of menus()) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", ({ key, target }) => {
  if (key !== "Escape") return;
  for (const menu of menus()) {
    if (menu.contains(target)) menu.querySelector("summary").focus();
    menu.open = false;
  }
});

const noWorkers = document.getElementById("no-workers");
const pollReady = async () => {
  const isReady = await fetch(base + "/v2/health/ready").then(({ ok }) => ok, () => false);
  if (isReady) noWorkers.remove();
  else setTimeout(pollReady, 3000);
};
if (noWorkers) setTimeout(pollReady, 3000);

const cameraButton = document.getElementById("live");
cameraButton.hidden = !navigator.mediaDevices?.getUserMedia;
cameraButton.addEventListener("click", async () =>
  (await import("./camera.js")).open({ model: modelParameter(), input: chosenModel(), addPictures }));

// Restores the cards after a reload.
for (const saved of (await loadCards()).sort((a, b) => a.order - b.order)) {
  const { name, address, size, pair, side, picture } = saved;
  const job = new Job(saved.order, { name, address, size, pair }, picture, side, page);
  job.card.on(".adjust", () => adjust(job));
  gallery.add([job]);
  job.resume(saved);
}
isRestoring = false;
if (gallery.jobs.size > 0) gallery.arrange();
gallery.changed();
