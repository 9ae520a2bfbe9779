// Updates the workers page with server-sent events, and applies changes without a reload. Without scripts, the page shows
// the list as of the request, and its forms apply the changes.

import { base, element, setLiveRegion, setText } from "../common.js";
import { Traffic, createCharts, fillTable } from "./chart.js";
import { showTiles } from "./tiles.js";
import { format, formatMilliseconds, text } from "../language.js";
import { Rows } from "./rows.js";
import { problemOf } from "../problems.js";

const summary = document.getElementById("summary");
const connectionStatus = document.getElementById("link");
const notice = document.getElementById("notice");
const charts = document.getElementById("charts");
const minuteTable = charts.querySelector("details");
const removal = document.getElementById("removal");
const traffic = new Traffic();
const draw = createCharts(document.getElementById("rates"), document.getElementById("times"));
const rows = new Rows(document.querySelector(".workers"));

const models = document.getElementById("models");
let modelsKey = null;

const createCell = (key, ...content) => {
  const cell = element("td");
  cell.dataset.name = text(key);
  cell.append(...content);
  return cell;
};

// Shows the models. Nothing in this table can have the focus, so it is rebuilt when it changes.
const showModels = (list) => {
  const key = JSON.stringify(list);
  if (key === modelsKey) return;
  modelsKey = key;
  models.hidden = list.length === 0;
  models.querySelector("tbody").replaceChildren(...list.map((model) => {
    const row = element("tr");
    const head = element("th");
    head.scope = "row";
    head.append(element("code", "", model.id));
    if (model.default) head.append(element("span", "turn", text("models.default")));
    row.append(
      head,
      createCell("models.name", element("span", "", model.title)),
      createCell("models.versions", element("span", "", model.versions.join(", ") || "–")),
      createCell("models.workers", element("span", "", format(model.workers))),
      createCell("models.state",
        element("span", "", text("models." + (model.workers > 0 ? "ready" : model.state))),
        element("span", "later", model.error ?? "")),
    );
    return row;
  }));
};

const showConnection = (state, key) => {
  connectionStatus.dataset.state = state;
  setText(connectionStatus, text(key));
};

const feedAddress = base + "/api/workers/events";

// Resolves with whether the page needs a new token. The request omits the stored credentials: with outdated ones, the
// browser would show a password prompt, and the server would count a failed sign-in.
const isAccessDenied = () => fetch(feedAddress, { method: "HEAD", credentials: "omit" })
  .then(({ status }) => [401, 403, 429].includes(status), () => false);

// Subscribes to the events. The browser reconnects by itself after a lost connection, but not after an error response, such
// as "too many listeners".
const subscribe = () => {
  const source = new EventSource(feedAddress);
  source.addEventListener("open", () => showConnection("live", "workers.live"));
  source.addEventListener("message", ({ data }) => {
    const feed = JSON.parse(data);
    // Uses the server's clock, because the clock of this device may be wrong.
    rows.show(feed.workers, (feed.now + 1) * 1000);
    const active = feed.workers.filter(({ state }) => state === "active").length;
    setText(summary, text("workers.summary", { active: format(active), count: format(feed.workers.length) }));
    showTiles(feed.workers, feed.minute);
    showModels(feed.models);
    const minute = Math.floor(traffic.now / 60);
    traffic.add(feed);
    charts.hidden = false;
    draw(traffic);
    if (minuteTable.open && minute !== Math.floor(traffic.now / 60)) fillTable(minuteTable.querySelector("tbody"), traffic);
  });
  source.addEventListener("error", async () => {
    showConnection("lost", "workers.reconnecting");
    if (source.readyState !== EventSource.CLOSED) return;
    if (await isAccessDenied()) {
      showConnection("lost", "workers.disconnected");
      showAccessDenied();
    } else setTimeout(subscribe, 5000);
  });
};

let lastRemoval = null;

// Shows a notification. `isSuccess` is null while the outcome is unknown; `undo` holds the removal that can be undone.
const notify = (isSuccess, heading, detail, undo = null) => {
  lastRemoval = undo;
  notice.className = "notice toast " + (isSuccess === null ? "" : isSuccess ? "good" : "bad");
  notice.querySelector("strong").textContent = heading;
  notice.querySelector("p").textContent = detail;
  notice.querySelector(".undo").hidden = undo === null;
  notice.hidden = false;
  setLiveRegion(heading + ". " + detail);
};

const showAccessDenied = () => notify(false, text("workers.shut.title"), text("workers.shut.detail"));

notice.querySelector(".dismiss").addEventListener("click", () => { notice.hidden = true; });

// The HTTP method and the path suffix of each action.
const endpoints = {
  add: ["PUT", ""], remove: ["DELETE", ""], drain: ["POST", "/drain"], resume: ["POST", "/resume"], probe: ["POST", "/probe"],
};

// Sends an action. Resolves with the response, or shows the error and resolves with null.
const sendAction = async (action, address) => {
  const [method, suffix] = endpoints[action];
  try {
    const response = await fetch(base + "/api/workers/" + encodeURIComponent(address) + suffix, { method });
    const body = await response.json().catch(() => null);
    if (response.status === 401) showAccessDenied();
    else if (!response.ok || !body) {
      const { title, detail } = problemOf({ status: response.status, body });
      notify(false, title, detail);
    } else return { status: response.status, ...body };
  } catch {
    notify(false, text("workers.unreachable.title"), text("workers.unreachable.detail"));
  }
  return null;
};

// Shows the result of a change. The server's result selects the text; results that start with "Worker" are successes.
const showChange = ({ result, address }, undo = null) => {
  const key = "change." + result.toLowerCase().replaceAll(" ", "-");
  notify(/^Worker /.test(result), text(key + ".title"), text(key + ".detail", { address }), undo);
};

// Adds a worker and probes it, so that a wrong address shows at once.
const add = async (address, form = null, isDrained = false) => {
  notify(null, text("workers.add"), text("workers.adding", { address }));
  const response = await sendAction("add", address);
  if (!response) return;
  form?.reset();
  if (response.status !== 201) return showChange(response);
  if (isDrained) {
    const drainResponse = await sendAction("drain", address);
    return drainResponse && showChange(drainResponse);
  }
  const probe = await sendAction("probe", address);
  if (probe?.answered === false) notify(false, text("workers.dead.title"), text("workers.dead.detail", { address, error: probe.error }));
  else if (probe) showChange(response);
};

const probe = async (address) => {
  const response = await sendAction("probe", address);
  if (!response) return;
  if (response.answered) notify(true, text("probe.answers.title"), text("probe.answers.detail", { address, time: formatMilliseconds(response.milliseconds) }));
  else notify(false, text("probe.fails.title"), text("probe.fails.detail", { address, error: response.error }));
};

// Resolves with whether the user confirms the removal.
const confirmRemoval = (address) => new Promise((resolve) => {
  removal.querySelector("h2").textContent = text("workers.removal", { address });
  removal.returnValue = "";
  removal.addEventListener("close", () => resolve(removal.returnValue === "remove"), { once: true });
  removal.showModal();
});

const remove = async (address) => {
  if (!await confirmRemoval(address)) return rows.focus(address);
  rows.focusNeighbor(address);
  const isDrained = rows.isDrained(address);
  const response = await sendAction("remove", address);
  if (response) showChange(response, { address, isDrained });
};

notice.querySelector(".undo").addEventListener("click", () => {
  const { address, isDrained } = lastRemoval;
  notice.hidden = true;
  rows.focusWhenAdded(address);
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
    return notify(false, text("workers.add"), text("workers.empty"));
  }
  if (form.matches(":popover-open")) form.hidePopover();
  if (action === "add") await add(address, form);
  else if (action === "remove") await remove(address);
  else if (action === "probe") await probe(address);
  else {
    const response = await sendAction(action, address);
    if (response) showChange(response);
  }
});

minuteTable.addEventListener("toggle", () => { if (minuteTable.open) fillTable(minuteTable.querySelector("tbody"), traffic); });
showConnection("lost", "workers.connecting");
subscribe();
