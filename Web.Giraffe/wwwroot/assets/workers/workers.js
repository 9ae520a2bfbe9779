// The admin page, live: the list and the traffic as the server reports them, and changes without leaving the page.
// Without scripts the page shows the list as it was when it was asked for, and its forms do the same.

import { base, element, say } from "../common.js";
import { Traffic, fillTable, strips } from "./chart.js";
import { showTiles } from "./tiles.js";
import { format, milliseconds, text } from "../language.js";
import { Rows } from "./rows.js";
import { problemOf } from "../problems.js";

const summary = document.getElementById("summary");
const link = document.getElementById("link");
const notice = document.getElementById("notice");
const charts = document.getElementById("charts");
const minutes = charts.querySelector("details");
const removal = document.getElementById("removal");
const traffic = new Traffic();
const draw = strips(document.getElementById("rates"), document.getElementById("times"));
const rows = new Rows(document.querySelector(".workers"));

const set = (place, words) => { if (place.textContent !== words) place.textContent = words; };

const models = document.getElementById("models");
let modelsShown = null;

const cellOf = (key, ...content) => {
  const cell = element("td");
  cell.dataset.name = text(key);
  cell.append(...content);
  return cell;
};

// Nothing in this table can have the focus, so it is made anew when it changes.
const showModels = (list) => {
  const shown = JSON.stringify(list);
  if (shown === modelsShown) return;
  modelsShown = shown;
  models.hidden = list.length === 0;
  models.querySelector("tbody").replaceChildren(...list.map((model) => {
    const row = element("tr");
    const head = element("th");
    head.scope = "row";
    head.append(element("code", "", model.id));
    if (model.default) head.append(element("span", "turn", text("models.default")));
    row.append(
      head,
      cellOf("models.name", element("span", "", model.title)),
      cellOf("models.versions", element("span", "", model.versions.join(", ") || "–")),
      cellOf("models.workers", element("span", "", format(model.workers))),
      cellOf("models.state", element("span", "", text("models." + (model.workers > 0 ? "ready" : model.state))), element("span", "later", model.error ?? "")),
    );
    return row;
  }));
};

const connection = (state, key) => {
  link.dataset.state = state;
  set(link, text(key));
};

const feedAddress = base + "/api/workers/events";

// Asked without the password that the browser knows: with one that is no longer right it would ask for another each
// time, and the server would count it as a wrong one.
const isShut = () => fetch(feedAddress, { method: "HEAD", credentials: "omit" })
  .then(({ status }) => [401, 403, 429].includes(status), () => false);

// The browser itself comes back after a cut; not after an answer that is none of ours, such as "too many listeners".
const follow = () => {
  const source = new EventSource(feedAddress);
  source.addEventListener("open", () => connection("live", "workers.live"));
  source.addEventListener("message", ({ data }) => {
    const feed = JSON.parse(data);
    // The server's clock, so that a wrong one here does not matter.
    rows.show(feed.workers, (feed.now + 1) * 1000);
    const active = feed.workers.filter(({ state }) => state === "active").length;
    set(summary, text("workers.summary", { active: format(active), count: format(feed.workers.length) }));
    showTiles(feed.workers, feed.minute);
    showModels(feed.models);
    const minute = Math.floor(traffic.now / 60);
    traffic.take(feed);
    charts.hidden = false;
    draw(traffic);
    if (minutes.open && minute !== Math.floor(traffic.now / 60)) fillTable(minutes.querySelector("tbody"), traffic);
  });
  source.addEventListener("error", async () => {
    connection("lost", "workers.reconnecting");
    if (source.readyState !== EventSource.CLOSED) return;
    if (await isShut()) {
      connection("lost", "workers.disconnected");
      shut();
    } else setTimeout(follow, 5000);
  });
};

let removed = null;

// `good` is null while it isn't known.
const tell = (good, heading, words, undo = null) => {
  removed = undo;
  notice.className = "notice toast " + (good === null ? "" : good ? "good" : "bad");
  notice.querySelector("strong").textContent = heading;
  notice.querySelector("p").textContent = words;
  notice.querySelector(".undo").hidden = undo === null;
  notice.hidden = false;
  say(heading + ". " + words);
};

const shut = () => tell(false, text("workers.shut.title"), text("workers.shut.detail"));

notice.querySelector(".dismiss").addEventListener("click", () => { notice.hidden = true; });

const ways = {
  add: ["PUT", ""], remove: ["DELETE", ""], drain: ["POST", "/drain"], resume: ["POST", "/resume"], probe: ["POST", "/probe"],
};

// Returns the server's answer, or null after it told what went wrong.
const ask = async (action, address) => {
  const [method, way] = ways[action];
  try {
    const response = await fetch(base + "/api/workers/" + encodeURIComponent(address) + way, { method });
    const said = await response.json().catch(() => null);
    if (response.status === 401) shut();
    else if (!response.ok || !said) {
      const { title, detail } = problemOf({ status: response.status, said });
      tell(false, title, detail);
    } else return { status: response.status, ...said };
  } catch {
    tell(false, text("workers.unreachable.title"), text("workers.unreachable.detail"));
  }
  return null;
};

// The keys of the texts are what the server calls the change. Nothing was done where it was so already.
const told = ({ result, address }, undo = null) => {
  const key = "change." + result.toLowerCase().replaceAll(" ", "-");
  tell(/^Worker /.test(result), text(key + ".title"), text(key + ".detail", { address }), undo);
};

// A new worker is probed, so that a wrong address shows at once.
const add = async (address, form = null, isDrained = false) => {
  tell(null, text("workers.add"), text("workers.adding", { address }));
  const said = await ask("add", address);
  if (!said) return;
  form?.reset();
  if (said.status !== 201) return told(said);
  if (isDrained) {
    const drained = await ask("drain", address);
    return drained && told(drained);
  }
  const probe = await ask("probe", address);
  if (probe?.answered === false) tell(false, text("workers.dead.title"), text("workers.dead.detail", { address, error: probe.error }));
  else if (probe) told(said);
};

const probe = async (address) => {
  const said = await ask("probe", address);
  if (!said) return;
  if (said.answered) tell(true, text("probe.answers.title"), text("probe.answers.detail", { address, time: milliseconds(said.milliseconds) }));
  else tell(false, text("probe.fails.title"), text("probe.fails.detail", { address, error: said.error }));
};

// Resolves to whether the user confirms. Escape answers no.
const confirmed = (address) => new Promise((resolve) => {
  removal.querySelector("h2").textContent = text("workers.removal", { address });
  removal.returnValue = "";
  removal.addEventListener("close", () => resolve(removal.returnValue === "remove"), { once: true });
  removal.showModal();
});

const remove = async (address) => {
  if (!await confirmed(address)) return rows.focus(address);
  rows.focusBeside(address);
  const isDrained = rows.isDrained(address);
  const said = await ask("remove", address);
  if (said) told(said, { address, isDrained });
};

notice.querySelector(".undo").addEventListener("click", () => {
  const { address, isDrained } = removed;
  notice.hidden = true;
  rows.expect(address);
  add(address, null, isDrained);
});

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form.add, form.change");
  if (!form) return;
  event.preventDefault();
  const fields = new FormData(form, event.submitter);
  const action = fields.get("action");
  const address = fields.get("address").trim();
  if (address === "") {
    form.reset();
    form.querySelector("#address").focus();
    return tell(false, text("workers.add"), text("workers.empty"));
  }
  if (form.matches(":popover-open")) form.hidePopover();
  if (action === "add") await add(address, form);
  else if (action === "remove") await remove(address);
  else if (action === "probe") await probe(address);
  else {
    const said = await ask(action, address);
    if (said) told(said);
  }
});

minutes.addEventListener("toggle", () => { if (minutes.open) fillTable(minutes.querySelector("tbody"), traffic); });
connection("lost", "workers.connecting");
follow();
