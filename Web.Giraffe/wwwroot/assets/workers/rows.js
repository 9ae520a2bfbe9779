// The rows of the workers' table, and the filters of a long one. Rows stay the elements that they are, so that whoever
// has the focus in one keeps it, and a row stays under the pointer: a new one comes last.

import { copyOf } from "../common.js";
import { ago, format, milliseconds, text } from "../language.js";

// From so many workers on the list has filters, and scrolls by itself.
const many = 20;

// An error that is older than the charts is no problem any more.
const recent = 15 * 60_000;

const set = (place, words) => { if (place.textContent !== words) place.textContent = words; };

const laterKeys = { draining: "later.finishing", drained: "later.paused", removing: "later.finishing" };

const later = ({ state, retryAt }, now) => {
  if (state !== "inactive") return laterKeys[state] ? text(laterKeys[state]) : "";
  const seconds = Math.ceil((Date.parse(retryAt) - now) / 1000);
  return seconds > 0 ? text("later.retry", { seconds: format(seconds) }) : text("later.next");
};

const drained = ["draining", "drained"];

const isProblem = ({ state, lastErrorAt }, now) =>
  state === "inactive" || lastErrorAt !== null && now - Date.parse(lastErrorAt) < recent;

export class Rows {
  #table;
  #body;
  #filters = document.getElementById("filters");
  #search = document.getElementById("search");
  #problems = document.getElementById("problems");
  #workers = [];
  #rows = new Map();
  #now = 0;
  #expected = null;

  constructor(table) {
    this.#table = table;
    this.#body = table.querySelector("tbody");
    for (const input of [this.#search, this.#problems]) input.addEventListener("input", () => this.#filter());
  }

  show(workers, now) {
    this.#workers = workers;
    this.#now = now;
    const old = new Map([...this.#body.children].map((row) => [row.dataset.worker, row]));
    this.#rows = new Map(workers.map((worker) => [worker.address, old.get(worker.address) ?? this.#made(worker.address)]));
    for (const worker of workers) this.#fill(this.#rows.get(worker.address), worker);
    const rows = [...this.#rows.values()];
    const listed = new Set(rows);
    for (const row of [...this.#body.children]) if (!listed.has(row)) row.remove();
    rows.forEach((row, index) => {
      if (this.#body.children[index] !== row) this.#body.insertBefore(row, this.#body.children[index] ?? null);
    });
    this.#table.closest(".scroll").hidden = rows.length === 0;
    this.#table.closest(".scroll").classList.toggle("many", rows.length >= many);
    document.querySelector(".none").hidden = rows.length > 0;
    this.#filters.hidden = rows.length < many;
    this.#filter();
    if (this.#rows.has(this.#expected)) {
      this.focus(this.#expected);
      this.#expected = null;
    }
  }

  isDrained(address) {
    return this.#workers.some((worker) => worker.address === address && drained.includes(worker.state));
  }

  focus(address) {
    this.#rows.get(address)?.querySelector(".more").focus();
  }

  // The row will be gone: its neighbour gets the focus.
  focusBeside(address) {
    const row = this.#rows.get(address);
    const beside = row?.nextElementSibling ?? row?.previousElementSibling;
    (beside?.querySelector(".more") ?? document.getElementById("address")).focus();
  }

  // Focuses the row as soon as it is there.
  expect(address) {
    this.#expected = address;
  }

  #made(address) {
    const row = copyOf("worker");
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
    const isDrained = drained.includes(worker.state);
    row.classList.toggle("next", worker.next);
    find(".turn").hidden = !worker.next;
    find(".state").className = "state " + worker.state;
    set(find(".state"), text("state." + worker.state));
    set(find(".later"), later(worker, this.#now));
    set(find(".models"), worker.models.join(", ") || "–");
    set(find(".flight"), format(worker.inFlight));
    set(find(".median"), worker.median === null ? "–" : milliseconds(worker.median));
    set(find(".uses"), format(worker.uses));
    set(find(".failures"), format(worker.failures));
    set(find(".error"), worker.lastError ?? "");
    set(find(".since"), worker.lastErrorAt ? ago(this.#now - Date.parse(worker.lastErrorAt)) : "");
    const drain = find(".drain");
    drain.value = isDrained ? "resume" : "drain";
    set(drain, text(isDrained ? "workers.resume" : "workers.drain"));
    find(".more").disabled = worker.state === "removing";
  }

  #filter() {
    const words = this.#filters.hidden ? "" : this.#search.value.trim().toLowerCase();
    const onlyProblems = !this.#filters.hidden && this.#problems.checked;
    let shown = 0;
    for (const worker of this.#workers) {
      const matches = [worker.address, ...worker.models, text("state." + worker.state), worker.lastError ?? ""]
        .some((value) => value.toLowerCase().includes(words)) && (!onlyProblems || isProblem(worker, this.#now));
      this.#rows.get(worker.address).hidden = !matches;
      if (matches) shown++;
    }
    set(document.getElementById("shown"), text("workers.shown", { shown: format(shown), count: format(this.#workers.length) }));
    document.getElementById("no-match").hidden = shown > 0 || this.#workers.length === 0;
  }
}
