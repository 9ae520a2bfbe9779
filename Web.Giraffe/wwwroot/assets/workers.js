// The admin page, live: the list and the traffic as the server tells them, and changes without leaving the page.
// Without scripts the page shows the list as it was when it was asked for, and its forms do the same.

import { base, copyOf, element, say } from "./common.js";
import { Traffic, fillTable, strips } from "./chart.js";
import { refused, words } from "./words.js";

const table = document.querySelector(".workers");
const body = table.querySelector("tbody");
const summary = document.getElementById("summary");
const link = document.getElementById("link");
const notice = document.getElementById("notice");
const charts = document.getElementById("charts");
const minutes = charts.querySelector("details");
const traffic = new Traffic();
const draw = strips(document.getElementById("rates"), document.getElementById("times"));

const states = {
  active: "", inactive: "", draining: "finishes what it has", drained: "until it is resumed", removing: "finishes what it has",
};

const set = (place, text) => { if (place.textContent !== text) place.textContent = text; };

const later = (worker, now) => {
  if (worker.state !== "inactive") return states[worker.state] ?? "";
  const left = Math.ceil((Date.parse(worker.retryAt) - now) / 1000);
  return left > 0 ? "tried again in " + left + " s" : "tried with the next picture";
};

const fill = (row, worker, now) => {
  const find = (selector) => row.querySelector(selector);
  const rests = worker.state === "draining" || worker.state === "drained";
  row.classList.toggle("next", worker.next);
  find(".turn").hidden = !worker.next;
  find(".state").className = "state " + worker.state;
  set(find(".state"), worker.state);
  set(find(".later"), later(worker, now));
  set(find(".models"), worker.models.join(", ") || "–");
  set(find(".flight"), String(worker.inFlight));
  set(find(".median"), worker.median === null ? "–" : Math.max(1, worker.median).toFixed(0) + " ms");
  set(find(".uses"), String(worker.uses));
  set(find(".failures"), String(worker.failures));
  set(find(".error"), worker.lastError ?? "–");
  const rest = find(".drain");
  rest.value = rests ? "resume" : "drain";
  set(rest, rests ? "Resume" : "Drain");
  rest.setAttribute("aria-label", (rests ? "Resume " : "Drain ") + worker.address);
  for (const button of row.querySelectorAll("button")) button.disabled = worker.state === "removing";
};

const made = ({ address }) => {
  const row = copyOf("worker");
  row.dataset.worker = address;
  row.querySelector("code").textContent = address;
  row.querySelector("[name=address]").value = address;
  for (const button of row.querySelectorAll("button")) button.setAttribute("aria-label", button.textContent + " " + address);
  return row;
};

// Rows stay the elements that they are, so that whoever has the focus in one keeps it.
const show = (workers, now) => {
  const old = new Map([...body.children].map((row) => [row.dataset.worker, row]));
  const rows = workers.map((worker) => {
    const row = old.get(worker.address) ?? made(worker);
    fill(row, worker, now);
    return row;
  });
  if (rows.length !== body.children.length || rows.some((row, index) => row !== body.children[index])) body.replaceChildren(...rows);
  table.closest(".scroll").hidden = rows.length === 0;
  document.querySelector(".none").hidden = rows.length > 0;
  const active = workers.filter((worker) => worker.state === "active").length;
  set(summary, workers.length === 0 ? "No workers."
    : active + " of " + workers.length + " workers active.");
};

const models = document.getElementById("models");
let modelsShown = null;

const cellOf = (name, ...content) => {
  const cell = element("td");
  cell.dataset.name = name;
  cell.append(...content);
  return cell;
};

// Nothing in this table can have the focus, so it is made anew when it changes.
const showModels = (list) => {
  const text = JSON.stringify(list);
  if (text === modelsShown) return;
  modelsShown = text;
  models.hidden = list.length === 0;
  models.querySelector("tbody").replaceChildren(...list.map((model) => {
    const row = element("tr");
    const head = element("th");
    head.scope = "row";
    head.append(element("code", "", model.id));
    if (model.default) head.append(element("span", "turn", "default"));
    row.append(
      head,
      cellOf("Title", element("span", "", model.title)),
      cellOf("Versions", element("span", "", model.versions.join(", ") || "–")),
      cellOf("Workers", element("span", "", String(model.workers))),
      cellOf("State", element("span", "", model.workers > 0 ? "ready" : model.state), element("span", "later", model.error ?? "")),
    );
    return row;
  }));
};

const connection = (state, text) => {
  link.dataset.state = state;
  set(link, text);
};

const shut = [
  "The token is needed",
  "The server no longer accepts the token that this page was opened with. Load the page again and give the administrators' token as the password.",
];

const feedAddress = base + "/api/workers/events";

// Asked without the password that the browser knows: with one that is no longer right it would ask for another each
// time, and the server would count it as a wrong one.
const isShut = () => fetch(feedAddress, { method: "HEAD", credentials: "omit" })
  .then(({ status }) => [401, 403, 429].includes(status), () => false);

// The browser itself comes back after a cut; not after an answer that is none of ours, such as "too many listeners".
const follow = () => {
  const source = new EventSource(feedAddress);
  source.addEventListener("open", () => connection("live", "Live"));
  source.addEventListener("message", ({ data }) => {
    const feed = JSON.parse(data);
    // The server's clock, so that a wrong one here does not matter.
    show(feed.workers, (feed.now + 1) * 1000);
    showModels(feed.models);
    const minute = Math.floor(traffic.now / 60);
    traffic.take(feed);
    charts.hidden = false;
    draw(traffic);
    if (minutes.open && minute !== Math.floor(traffic.now / 60)) fillTable(minutes.querySelector("tbody"), traffic);
  });
  source.addEventListener("error", async () => {
    connection("lost", "Connecting again");
    if (source.readyState !== EventSource.CLOSED) return;
    if (await isShut()) {
      connection("lost", "Not connected");
      tell(false, ...shut);
    } else setTimeout(follow, 5000);
  });
};

const tell = (good, heading, text) => {
  notice.className = "notice " + (good ? "good" : "bad");
  notice.querySelector("strong").textContent = heading;
  notice.querySelector("p").textContent = text;
  notice.hidden = false;
  say(heading + ". " + text);
};

const ways = {
  add: ["PUT", ""], remove: ["DELETE", ""], drain: ["POST", "/drain"], resume: ["POST", "/resume"], probe: ["POST", "/probe"],
};

// By what the server calls it; of what was so already nothing is done.
const done = {
  "Worker added": "now receives requests.",
  "Already there": "is in the list already. Nothing was changed.",
  "Worker removed": "receives no more requests.",
  "Worker drained": "finishes what it has, and receives no more requests until you resume it.",
  "Already drained": "is drained already. Nothing was changed.",
  "Worker resumed": "receives requests again.",
  "Not drained": "was not drained. Nothing was changed.",
};

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.add, form.change");
  if (!form) return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter);
  const action = fields.get("action");
  const address = fields.get("address").trim();
  const [method, way] = ways[action];
  try {
    const response = await fetch(base + "/api/workers/" + encodeURIComponent(address) + way, { method });
    const said = await response.json().catch(() => null);
    if (response.status === 401) return tell(false, ...shut);
    if (!response.ok || !said) {
      const { title, detail } = said?.detail ? said : refused({ status: response.status });
      return tell(false, title, detail);
    }
    if (action === "add") form.reset();
    if (action !== "probe") return tell(!done[said.result].endsWith("Nothing was changed."), said.result, address + " " + done[said.result]);
    if (said.answered) tell(true, "Worker answers", address + " answered in " + Math.max(1, said.milliseconds).toFixed(0) + " ms.");
    else tell(false, "No answer", address + " gave no answer: " + said.error + ".");
  } catch {
    tell(false, words.unreachable.title, words.unreachable.detail);
  }
});

minutes.addEventListener("toggle", () => { if (minutes.open) fillTable(minutes.querySelector("tbody"), traffic); });
connection("lost", "Connecting");
follow();
