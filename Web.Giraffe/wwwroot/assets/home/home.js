// What a form can't do: many pictures, dropped, pasted or from a camera, each with its progress, its answer, and the map of
// what the model looked at. Without scripts the page does the same with its forms, one picture at a time.

import { base, calm, recall, remember } from "../common.js";
import { showClasses } from "./card/classes.js";
import { said } from "./card/details.js";
import { Gallery } from "./gallery.js";
import { History } from "./storage/history.js";
import { listen } from "./intake.js";
import { Job } from "./job.js";
import { prepared } from "./pictures/pictures.js";
import { kept, lastOrder } from "./storage/session.js";
import { asCsv, asJson, copy, download } from "../share.js";
import { Turns } from "./upload.js";
import { text } from "../language.js";
import { refused, words } from "./words.js";

const stage = document.getElementById("stage");
const form = document.getElementById("upload");
const file = document.getElementById("file");
const results = document.getElementById("results");
const hitch = document.getElementById("hitch");
// Only where there are several models.
const model = document.getElementById("model");
const other = document.getElementById("compare");
const options = form.querySelector(".options");
const models = JSON.parse(form.dataset.models);
const standard = form.dataset.default;
const title = document.title;

// Without scripts the form takes one.
file.multiple = true;

// A choice is kept by its id. One that is the default, or no longer there, is none.
const choice = (list, name, none) => {
  if (!list) return;
  const before = recall(name);
  if ([...list.options].some(({ value }) => value === before)) list.value = before;
  list.addEventListener("change", () => remember(name, list.value === none ? null : list.value));
};
choice(model, "model", standard);
choice(other, "compare", "");

// The default model is asked for without a name, as every worker understands.
const wanted = (list) => (list && list.value !== standard ? list.value : "");

// What each picture is sent for: one model, or two that are compared.
const sides = () => (other && other.value !== "" && other.value !== model.value
  ? [{ model: wanted(model), side: "left" }, { model: wanted(other), side: "right" }]
  : [{ model: wanted(model) }]);

const mistake = ({ title, detail }) => {
  hitch.querySelector("strong").textContent = title;
  hitch.querySelector("p").textContent = detail;
  hitch.hidden = false;
};

let isRestoring = true;
let order = lastOrder;
let pairs = Date.now();

const gallery = new Gallery({
  focus: () => file.focus(),
  changed: (all) => {
    if (isRestoring && all === 0) return;
    const state = all === 0 ? "idle" : "filled";
    if (stage.dataset.state === state) return;
    stage.dataset.state = state;
    document.documentElement.classList.toggle("filled", all > 0);
    // In the bar the options open below it.
    options.open = false;
    if (all === 0) document.title = title;
  },
});

const page = {
  limit: Number(form.dataset.max),
  limitText: document.getElementById("limit").textContent,
  taken: file.accept.split(","),
  turns: new Turns(4),
  history: new History(document.getElementById("history")),
  card: { keyed: "keyed" in form.dataset, models, standard },
  changed: () => gallery.changed(),
  answered: (job) => {
    document.title = text("layout.titled", { title: gallery.jobs.size === 1 ? job.told.text : words.pictures });
    if (gallery.jobs.size <= 2) job.card.flash();
  },
};

const reveal = () => {
  const { top } = results.getBoundingClientRect();
  if (top > innerHeight * 0.4 || top < 0) results.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
};

const chosen = () => model?.value ?? standard;

const cropsFirst = document.getElementById("crop-first");
cropsFirst.checked = recall("crop") === "yes";
cropsFirst.addEventListener("change", () => remember("crop", cropsFirst.checked ? "yes" : null));

// Lets the user crop each of the pictures that this browser can draw. Closing the dialog ends it.
const cropped = async (sources) => {
  const { choosePart } = await import("./pictures/crop.js");
  const parts = [];
  for (const source of sources) {
    const made = await prepared(source.picture, null, new AbortController().signal).catch(() => null);
    const part = made ? await choosePart({ ...source, shown: made.card, model: models[chosen()] }) : source;
    if (part === null) break;
    parts.push(part);
  }
  return parts;
};

// `sources`: a name, a picture, and the address of a sample.
const take = async (sources) => begin(cropsFirst.checked ? await cropped(sources) : sources);

const adjust = async ({ picture, made, card: { source } }) => {
  const { choosePart } = await import("./pictures/crop.js");
  const { name, address } = source;
  const part = await choosePart({
    name, address, picture: picture ?? made.card, shown: made.card, model: models[source.model || source.standard],
  });
  if (part) begin([part]);
};

const begin = (sources) => {
  if (sources.length === 0) return;
  hitch.hidden = true;
  const asked = sides();
  const jobs = sources.flatMap(({ picture, ...source }) => {
    const pair = ++pairs;
    return asked.map((side) => new Job(0, { ...source, pair }, picture, side, page));
  });
  // The first is the newest, so that a list keeps its order.
  jobs.forEach((job, index) => { job.order = order + jobs.length - index; });
  order += jobs.length;
  for (const job of jobs)
    job.card.on(".adjust", () => adjust(job));
  gallery.add(jobs);
  jobs.forEach((job) => job.begin());
  reveal();
};

const takeFiles = (files) => take(files.map((picture) => ({ name: picture.name || words.pasted, picture })));

// Only where the server fetches pictures. Its fields are among the options.
const byAddress = document.getElementById("by-address");

// The policy of the page allows no other site: the server fetches the picture, where its operator allows it.
const fetched = async (address) => {
  const reply = await fetch(base + "/fetch", { method: "POST", body: new URLSearchParams({ address }) }).catch(() => null);
  if (reply?.ok) return reply.blob();
  mistake(reply ? refused({ status: reply.status, said: await reply.json().catch(() => null) }) : words.unreachable);
  return null;
};

const inAddress = (address) => {
  const [, type, data] = /^data:(image\/[\w.+-]+);base64,(.*)$/s.exec(address) ?? [];
  return type ? new Blob([Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))], { type }) : null;
};

// An image of this site, one that the address itself holds, or one of another site. Returns whether it was taken.
const fetchImage = async (address) => {
  try {
    const held = inAddress(address ?? "");
    const url = held || !URL.canParse(address) ? null : new URL(address);
    const isOurs = url?.origin === location.origin;
    if (!held && !isOurs && !byAddress) throw new TypeError("another site");
    const picture = held ?? (isOurs ? await (await fetch(url)).blob() : await fetched(address));
    if (!picture) return false;
    if (!picture.type.startsWith("image/")) throw new TypeError("no image");
    take([{ name: url?.pathname.split("/").at(-1) || words.dragged, picture }]);
    return true;
  } catch {
    mistake(words.noImage);
    return false;
  }
};

byAddress?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!await fetchImage(byAddress.elements.address.value)) return;
  byAddress.reset();
  options.open = false;
});

listen({ take: takeFiles, fetchImage, canFetch: byAddress !== null });

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (file.files.length > 0) takeFiles([...file.files]);
  else mistake(words.noPicture);
});

document.getElementById("samples")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { value } = event.submitter;
  try {
    const address = base + "/samples/" + encodeURIComponent(value);
    const response = await fetch(address);
    if (!response.ok) throw new TypeError(String(response.status));
    take([{ name: value, picture: await response.blob(), address }]);
  } catch {
    mistake(words.sample);
  }
});

results.querySelector(".json").addEventListener("click", async ({ target }) => said(target, await copy(asJson(gallery.answers))));
results.querySelector(".csv").addEventListener("click", () => download("pictures.csv", "text/csv", asCsv(gallery.answers)));

const known = document.getElementById("known");
known?.addEventListener("click", (event) => {
  event.preventDefault();
  showClasses(chosen(), words.classes(models[chosen()].classes, models[chosen()].title));
});
const tellKnown = () => {
  const its = models[chosen()];
  if (!known || !its) return;
  known.textContent = its.knows;
  known.href = base + "/models/" + encodeURIComponent(chosen()) + "/classes";
  known.parentElement.firstChild.textContent = its.title + ": ";
};
tellKnown();
model?.addEventListener("change", tellKnown);

// What opens over the page closes as menus do: by a click beside it, and by Escape.
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

// Until a worker is there.
const noWorkers = document.getElementById("no-workers");
const watch = async () => {
  const isReady = await fetch(base + "/v2/health/ready").then(({ ok }) => ok, () => false);
  if (isReady) noWorkers.remove();
  else setTimeout(watch, 3000);
};
if (noWorkers) setTimeout(watch, 3000);

const live = document.getElementById("live");
live.hidden = !navigator.mediaDevices?.getUserMedia;
live.addEventListener("click", async () =>
  (await import("./live.js")).open({ model: wanted(model), input: models[chosen()], take }));

// The cards of this tab before it was reloaded.
for (const saved of (await kept()).sort((a, b) => a.order - b.order)) {
  const { name, address, size, pair, side, picture } = saved;
  const job = new Job(saved.order, { name, address, size, pair }, picture, side, page);
  job.card.on(".adjust", () => adjust(job));
  gallery.add([job]);
  job.resume(saved);
}
isRestoring = false;
if (gallery.jobs.size > 0) gallery.arrange();
gallery.changed();
