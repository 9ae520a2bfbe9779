// What a form can't do: many pictures, dropped or pasted, each with its progress, its answer, and why.
// Without scripts the page does the same with its forms, one picture at a time.

import { calm, recall, remember, say, sizeOf } from "./common.js";
import { Card } from "./card.js";
import { History } from "./history.js";
import { prepared } from "./pictures.js";
import { asCsv, asJson, copy, download } from "./share.js";
import { Turns, online, pause, send } from "./upload.js";
import { passes, refused, words } from "./words.js";

const stage = document.getElementById("stage");
const form = document.getElementById("upload");
const file = document.getElementById("file");
const camera = document.getElementById("camera");
const list = document.getElementById("cards");
const results = document.getElementById("results");
const counted = document.getElementById("counted");
const shrinks = document.getElementById("shrink");
const hitch = document.getElementById("hitch");
// Only where there are several models.
const model = document.getElementById("model");
const other = document.getElementById("compare");
const limit = Number(form.dataset.max);
const limitSaid = document.getElementById("limit").textContent;
const keyed = "keyed" in form.dataset;
const taken = file.accept.split(",");
const titles = JSON.parse(form.dataset.titles);

// From this size on a photograph is made smaller, where it may be. What the server would not take always is.
const large = Math.min(2e6, limit);
const patience = 4;
const turns = new Turns(4);
const cards = new Map();
const history = new History(document.getElementById("history"));

// Without scripts the form takes one.
file.multiple = true;

shrinks.checked = recall("shrink") !== "no";
shrinks.addEventListener("change", () => remember("shrink", shrinks.checked ? null : "no"));

// A choice is kept by its id. One that is the default, or no longer there, is none.
const choice = (list, name, none) => {
  if (!list) return;
  const kept = recall(name);
  if ([...list.options].some(({ value }) => value === kept)) list.value = kept;
  list.addEventListener("change", () => remember(name, list.value === none ? null : list.value));
};

const standard = model?.dataset.default ?? "";
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

const answers = () => [...list.children].map((root) => cards.get(root)?.found).filter(Boolean);

// How far the whole is: in the heading, and for screen readers when the last one is through.
const tally = () => {
  const states = [...list.children].map((root) => root.dataset.state);
  const count = (...wanted) => states.filter((state) => wanted.includes(state)).length;
  const running = count("waiting", "busy", "paused");
  const named = count("answered");
  const failed = count("failed", "cancelled");
  const all = states.length;
  results.hidden = all === 0;
  stage.dataset.state = all === 0 ? "idle" : "filled";
  if (all === 0) document.title = idle;
  list.dataset.count = all === 1 ? "one" : "many";
  const what = list.querySelector(".right") ? " answers, " : " pictures, ";
  const text = all === 1 ? ""
    : running > 0 ? named + " of " + all + " named"
      : all + what + (failed === 0 ? "all named" : named + " named, " + failed + " not");
  if (counted.textContent !== text) counted.textContent = text;
  results.querySelector(".stop").hidden = running < 2;
  results.querySelector(".share").hidden = named < 2;
  if (running === 0 && all > 1) say(text);
};

const idle = document.title;
const title = (text) => { document.title = text + " · Recognition"; };

const readable = (file) => file.slice(0, 1).arrayBuffer().then(() => true, () => false);

const mayShrink = (picture) => shrinks.checked && picture.size > large;

const begin = (job) => {
  const { card, picture } = job;
  job.stop = new AbortController();
  const { signal } = job.stop;

  const ask = async () => {
    job.found = null;
    card.wait();
    tally();
    if (picture.size === 0) return card.failed(words.empty);
    const shrink = mayShrink(picture);
    // What the server does not take, but this browser can draw.
    const foreign = picture.type.startsWith("image/") && !taken.includes(picture.type);
    const made = await prepared(picture, shrink || foreign, signal).catch(() => null);
    signal.throwIfAborted();
    let sent = picture;
    if (made) {
      const smaller = made.small && (foreign || made.small.blob.size < picture.size);
      if (!smaller) made.small = null;
      else sent = made.small.blob;
      job.tiny = made.tiny;
      card.picture(made);
      if (smaller && sent.size <= limit)
        card.note((foreign ? "Sent as a JPEG of " : "Made smaller before it was sent: ") +
          (foreign ? "" : sizeOf(picture.size) + " to ") + sizeOf(sent.size));
    }
    if (sent.size > limit) return card.failed(words.tooLarge(limitSaid, made, shrinks.checked));

    const leave = await turns.take(signal);
    try {
      for (let attempt = 1; ; attempt++) {
        if (!navigator.onLine) {
          card.paused(words.offline, "Waiting for a network");
          await online(signal);
        }
        card.uploading(0);
        const reply = await send(sent, card.source.model, signal, (share) => card.uploading(share));
        if (reply.status === 200 && reply.said) {
          job.found = { name: card.name, time: Date.now(), ...reply.said };
          card.answered(job.found, foreign ? null : picture.type || "application/octet-stream");
          history.add(job.found, job.tiny);
          const best = reply.said.predictions[0]?.label ?? "Nothing";
          if (list.children.length < 4) say(card.name + ": " + best);
          title(list.children.length === 1 ? best[0].toUpperCase() + best.slice(1) : "Pictures");
          return;
        }
        if (!passes(reply.status) || reply.after === null || attempt === patience) {
          card.failed(refused(reply));
          return say(card.name + ": " + refused(reply).title);
        }
        // Not all of them in the same moment.
        const until = Date.now() + 1000 * Math.min(60, reply.after) + 500 * Math.random();
        while (Date.now() < until) {
          card.paused(refused(reply), "Asking again in " + Math.ceil((until - Date.now()) / 1000) + " s");
          await pause(Math.min(1000, until - Date.now()), signal);
        }
      }
    } finally {
      leave();
    }
  };

  ask()
    .catch(async (error) => {
      if (signal.aborted) return card.cancelled();
      if (!(error instanceof TypeError)) throw error;
      // To a browser it is the same: a file that is gone, and a server.
      const why = (await readable(picture)) ? words.unreachable : words.unreadable;
      card.failed(why);
      say(card.name + ": " + why.title);
    })
    .finally(tally);
};

// Both sides of a comparison go together.
const remove = (job) => {
  const gone = [...cards.values()].filter(({ source }) => source === job.source).map(({ card }) => card.root);
  const next = gone.at(-1).nextElementSibling ?? gone[0].previousElementSibling;
  for (const root of gone) {
    cards.get(root).stop.abort();
    cards.delete(root);
    root.remove();
  }
  tally();
  (next?.querySelector(".remove") ?? file).focus();
};

const reveal = () => {
  const top = results.getBoundingClientRect().top;
  if (top > innerHeight * 0.4 || top < 0) results.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
};

const take = (files) => {
  if (files.length === 0) return;
  hitch.hidden = true;
  const asked = sides();
  const jobs = files.flatMap((source) => asked.map((side) => ({
    card: new Card({ name: source.name, address: source.address, keyed, titles, standard, ...side }, source.picture.size),
    picture: source.picture,
    source,
    found: null,
  })));
  for (const job of jobs) {
    cards.set(job.card.root, job);
    job.card.on(".cancel", () => job.stop.abort());
    job.card.on(".again", () => begin(job));
    job.card.on(".remove", () => remove(job));
  }
  list.prepend(...jobs.map((job) => job.card.root));
  jobs.forEach(begin);
  reveal();
};

const takeFiles = (files) =>
  take([...files].map((picture) => ({ name: picture.name || "pasted picture", picture })));

// Choosing the same file again is a change, too.
for (const input of [file, camera]) {
  input.addEventListener("click", () => { input.value = ""; });
  input.addEventListener("change", () => takeFiles(input.files));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (file.files.length > 0) takeFiles(file.files);
  else mistake(words.noPicture);
});

document.getElementById("samples")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { value } = event.submitter;
  try {
    const address = "/samples/" + encodeURIComponent(value);
    const response = await fetch(address);
    if (!response.ok) throw new TypeError(String(response.status));
    take([{ name: value, picture: await response.blob(), address }]);
  } catch {
    mistake(words.sample);
  }
});

results.querySelector(".stop").addEventListener("click", () => {
  for (const job of cards.values()) job.stop.abort();
});
results.querySelector(".clear").addEventListener("click", () => {
  for (const job of cards.values()) job.stop.abort();
  cards.clear();
  list.replaceChildren();
  tally();
  file.focus();
});
results.querySelector(".json").addEventListener("click", async () => {
  say((await copy(asJson(answers()))) ? "Copied" : words.noClipboard);
});
results.querySelector(".csv").addEventListener("click", () => download("pictures.csv", "text/csv", asCsv(answers())));

addEventListener("paste", (event) => {
  if (event.clipboardData.files.length > 0) takeFiles(event.clipboardData.files);
});

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
let depth = 0;
const drag = (change) => {
  depth = Math.max(0, depth + change);
  document.documentElement.classList.toggle("dragging", depth > 0);
};

addEventListener("dragenter", (event) => { if (carriesFiles(event)) drag(1); });
addEventListener("dragleave", (event) => { if (carriesFiles(event)) drag(-1); });
addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
});
addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  drag(-depth);
  takeFiles(event.dataTransfer.files);
});
