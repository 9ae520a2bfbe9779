// Updates the rows of the workers' table and filters them. Existing row elements are reused, so that the focus and the row
// under the pointer do not change. New rows are appended.

import { cloneTemplate, setText } from "../common.js";
import { format, formatAgo, formatMilliseconds, text } from "../language.js";

// Longer lists have filters and their own scroll bar.
const filterThreshold = 20;

// Errors that are older than the charts do not count as problems.
const recentErrorMs = 15 * 60_000;

const nextStepKeys = { draining: "later.finishing", drained: "later.paused", removing: "later.finishing" };

// Describes the next step of a worker.
const nextStep = ({ state, retryAt }, now) => {
  if (state !== "inactive") return nextStepKeys[state] ? text(nextStepKeys[state]) : "";
  const seconds = Math.ceil((Date.parse(retryAt) - now) / 1000);
  return seconds > 0 ? text("later.retry", { seconds: format(seconds) }) : text("later.next");
};

const drainedStates = ["draining", "drained"];

const isProblem = ({ state, lastErrorAt }, now) =>
  state === "inactive" || lastErrorAt !== null && now - Date.parse(lastErrorAt) < recentErrorMs;

export class Rows {
  #table;
  #body;
  #filters = document.getElementById("filters");
  #search = document.getElementById("search");
  #problems = document.getElementById("problems");
  #workers = [];
  #rows = new Map();
  #now = 0;
  #pendingFocus = null;

  constructor(table) {
    this.#table = table;
    this.#body = table.querySelector("tbody");
    for (const input of [this.#search, this.#problems]) input.addEventListener("input", () => this.#filter());
  }

  show(workers, now) {
    this.#workers = workers;
    this.#now = now;
    const existing = new Map([...this.#body.children].map((row) => [row.dataset.worker, row]));
    this.#rows = new Map(workers.map((worker) => [worker.address, existing.get(worker.address) ?? this.#createRow(worker.address)]));
    for (const worker of workers) this.#fill(this.#rows.get(worker.address), worker);
    const rows = [...this.#rows.values()];
    const listed = new Set(rows);
    for (const row of [...this.#body.children]) if (!listed.has(row)) row.remove();
    rows.forEach((row, index) => {
      if (this.#body.children[index] !== row) this.#body.insertBefore(row, this.#body.children[index] ?? null);
    });
    this.#table.closest(".scroll").hidden = rows.length === 0;
    this.#table.closest(".scroll").classList.toggle("many", rows.length >= filterThreshold);
    document.querySelector(".none").hidden = rows.length > 0;
    this.#filters.hidden = rows.length < filterThreshold;
    this.#filter();
    if (this.#rows.has(this.#pendingFocus)) {
      this.focus(this.#pendingFocus);
      this.#pendingFocus = null;
    }
  }

  isDrained(address) {
    return this.#workers.some((worker) => worker.address === address && drainedStates.includes(worker.state));
  }

  focus(address) {
    this.#rows.get(address)?.querySelector(".more").focus();
  }

  // Focuses the neighbour of a row that is about to be removed.
  focusNeighbor(address) {
    const row = this.#rows.get(address);
    const neighbor = row?.nextElementSibling ?? row?.previousElementSibling;
    (neighbor?.querySelector(".more") ?? document.getElementById("address")).focus();
  }

  // Focuses the row of an address when it appears.
  focusWhenAdded(address) {
    this.#pendingFocus = address;
  }

  #createRow(address) {
    const row = cloneTemplate("worker");
    const menu = row.querySelector(".menu");
    const more = row.querySelector(".more");
    row.dataset.worker = address;
    row.querySelector("code").textContent = address;
    menu.id = "menu-" + address;
    more.setAttribute("popovertarget", menu.id);
    more.setAttribute("aria-label", text("workers.actionsof", { address }));
    menu.querySelector("[name=address]").value = address;
    return row;
  }

  #fill(row, worker) {
    const find = (selector) => row.querySelector(selector);
    const isDrained = drainedStates.includes(worker.state);
    row.classList.toggle("next", worker.next);
    find(".turn").hidden = !worker.next;
    find(".state").className = "state " + worker.state;
    setText(find(".state"), text("state." + worker.state));
    setText(find(".later"), nextStep(worker, this.#now));
    setText(find(".models"), worker.models.join(", ") || "–");
    setText(find(".flight"), format(worker.inFlight));
    setText(find(".median"), worker.median === null ? "–" : formatMilliseconds(worker.median));
    setText(find(".uses"), format(worker.uses));
    setText(find(".failures"), format(worker.failures));
    setText(find(".error"), worker.lastError ?? "");
    setText(find(".since"), worker.lastErrorAt ? formatAgo(this.#now - Date.parse(worker.lastErrorAt)) : "");
    const drain = find(".drain");
    drain.value = isDrained ? "resume" : "drain";
    setText(drain, text(isDrained ? "workers.resume" : "workers.drain"));
    find(".more").disabled = worker.state === "removing";
  }

  #filter() {
    const query = this.#filters.hidden ? "" : this.#search.value.trim().toLowerCase();
    const onlyProblems = !this.#filters.hidden && this.#problems.checked;
    let shown = 0;
    for (const worker of this.#workers) {
      const matches = [worker.address, ...worker.models, text("state." + worker.state), worker.lastError ?? ""]
        .some((value) => value.toLowerCase().includes(query)) && (!onlyProblems || isProblem(worker, this.#now));
      this.#rows.get(worker.address).hidden = !matches;
      if (matches) shown++;
    }
    setText(document.getElementById("shown"), text("workers.shown", { shown: format(shown), count: format(this.#workers.length) }));
    document.getElementById("no-match").hidden = shown > 0 || this.#workers.length === 0;
  }
}
