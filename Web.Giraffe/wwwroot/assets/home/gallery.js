// Manages all cards.

import { announce } from "../announce.js";
import { element, setText } from "../common.js";
import { deleteCards } from "./storage/session.js";
import { offerUndo } from "./undo.js";
import { fillTable } from "./table.js";
import { messages } from "./messages.js";

// Collapses more cards to tiles.
const maxFullCards = 12;

const results = document.getElementById("results");
const list = document.getElementById("cards");
const counter = document.getElementById("counted");
const sort = document.getElementById("sort");
const filter = document.getElementById("filter");
const table = document.getElementById("table");
const find = (selector) => results.querySelector(selector);

const comparers = {
  newest: (a, b) => b.order - a.order,
  name: (a, b) => a.source.name.localeCompare(b.source.name, undefined, { numeric: true }) || b.order - a.order,
  surest: (a, b) => (b.summary?.probability ?? -1) - (a.summary?.probability ?? -1) || b.order - a.order,
  unsurest: (a, b) => (a.summary?.probability ?? 2) - (b.summary?.probability ?? 2) || b.order - a.order,
};

const isUnsure = (job) => job.summary !== null && job.summary.level !== "sure" && job.summary.level !== "likely";
const isFailed = (job) => job.state === "failed" || job.state === "cancelled";
const classOf = (job) => job.summary?.name ?? null;

const filterBy = (value) => {
  if (value === "unsure") return isUnsure;
  if (value === "failed") return isFailed;
  if (value === "wrong") return (job) => job.result?.verdict === "no";
  if (value.startsWith("class:")) return (job) => classOf(job) === value.slice(6);
  return () => true;
};

export class Gallery {
  jobs = new Map();
  #page;
  #isTable = false;
  #timer = 0;
  #wasRunning = 0;

  // Calls `page.changed` with the number of cards.
  constructor(page) {
    this.#page = page;
    sort.addEventListener("change", () => this.arrange());
    filter.addEventListener("change", () => this.arrange());
    for (const button of results.querySelectorAll("[data-view]"))
      button.addEventListener("click", () => {
        this.#isTable = button.dataset.view === "table";
        this.arrange();
      });
    find(".stop").addEventListener("click", () => this.jobs.forEach((job) => job.stop()));
    find(".retry").addEventListener("click", () => {
      for (const job of this.jobs.values()) if (job.canRetry) job.begin();
    });
    find(".clear").addEventListener("click", () => {
      this.remove([...this.jobs.values()]);
      page.focus();
    });
  }

  get shown() { return [...list.children].map((root) => this.jobs.get(root)).filter((job) => job && !job.root.hidden); }
  get shownResults() { return this.shown.map(({ result }) => result).filter(Boolean); }

  add(jobs) {
    for (const job of jobs) {
      this.jobs.set(job.root, job);
      job.card.on(".remove", () => this.#removePair(job));
    }
    list.prepend(...jobs.map(({ root }) => root));
    this.changed();
  }

  // Removes both sides of a comparison.
  #removePair(job) {
    const removed = [...this.jobs.values()].filter(({ source }) => source.pair === job.source.pair);
    const roots = [...list.children].filter((root) => !root.hidden);
    const remains = (root) => !removed.some((other) => other.root === root);
    const next = roots.slice(roots.indexOf(job.root)).find(remains) ?? roots.findLast(remains);
    this.remove(removed);
    const button = next?.querySelector(".remove");
    if (button) button.focus();
    else this.#page.focus();
  }

  remove(jobs) {
    const running = jobs.filter((job) => job.isRunning);
    for (const job of jobs) {
      job.stop();
      this.jobs.delete(job.root);
      job.root.remove();
      job.card.revokeUrls();
    }
    deleteCards(jobs.map(({ order }) => order));
    this.changed();
    offerUndo(messages.removed(jobs.length), () => {
      for (const job of jobs) {
        this.jobs.set(job.root, job);
        list.append(job.root);
        job.card.restoreImage();
        job.saveIfDone();
      }
      for (const job of running) job.begin();
      this.arrange();
      this.changed();
      jobs[0]?.root.querySelector(".remove").focus();
    });
  }

  // Combines the updates of many pictures.
  changed() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#update(), 50);
    if (this.jobs.size === 0 || results.hidden) this.#update();
  }

  #update() {
    clearTimeout(this.#timer);
    const focused = document.activeElement;
    const jobs = [...this.jobs.values()];
    const all = jobs.length;
    const running = jobs.filter((job) => job.isRunning).length;
    const done = jobs.filter(({ result }) => result).length;
    const unsure = jobs.filter(isUnsure).length;
    const failed = jobs.filter(isFailed);
    results.hidden = all === 0;
    list.dataset.count = all === 1 ? "one" : all > maxFullCards ? "crowd" : "many";
    for (const job of jobs) job.card.setTile(all > maxFullCards);
    find(".bar-of").hidden = all < 2;
    const text = all < 2 ? "" : messages.recognised(done - unsure, all, unsure, failed.length);
    setText(counter, text);
    const bar = document.getElementById("whole");
    bar.hidden = running === 0;
    bar.max = all;
    bar.value = all - running;
    find(".stop").hidden = running < 2;
    find(".retry").hidden = running > 0 || !failed.some((job) => job.canRetry);
    find(".export").hidden = done < 2;
    if (running === 0 && this.#wasRunning > 0 && all > 1) announce(text);
    this.#wasRunning = running;
    const isReset = this.#fillFilter(jobs, unsure, failed.length);
    if (isReset || filter.value !== "all" || sort.value !== "newest" || this.#isTable) this.arrange();
    this.#page.changed(all);
    // A hidden button would lose the focus.
    if (focused?.closest("#results [hidden]")) find(":is(.stop, .retry, .clear):not([hidden])").focus();
  }

  // Returns whether the selected choice is gone.
  #fillFilter(jobs, unsure, failed) {
    const classes = new Map();
    for (const name of jobs.map(classOf)) if (name !== null) classes.set(name, (classes.get(name) ?? 0) + 1);
    const choices = [
      ["all", messages.allOf(jobs.length)],
      ["unsure", messages.unsureOf(unsure)],
      ["failed", messages.failedOf(failed)],
      ["wrong", messages.markedWrongOf(jobs.filter(({ result }) => result?.verdict === "no").length)],
      ...[...classes].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([name, count]) => ["class:" + name, messages.classOf(name, count)]),
    ];
    const key = JSON.stringify(choices);
    if (filter.dataset.key === key) return false;
    filter.dataset.key = key;
    const chosen = filter.value || "all";
    filter.replaceChildren(...choices.map(([value, text]) => {
      const option = element("option", "", text);
      option.value = value;
      return option;
    }));
    const isAvailable = choices.some(([value]) => value === chosen);
    filter.value = isAvailable ? chosen : "all";
    return !isAvailable;
  }

  // Reorders the elements, so that the tab order matches the visual order.
  arrange() {
    const jobs = [...this.jobs.values()].sort(comparers[sort.value] ?? comparers.newest);
    const isShown = filterBy(filter.value || "all");
    for (const job of jobs) job.root.hidden = !isShown(job);
    const roots = jobs.map(({ root }) => root);
    if (roots.some((root, index) => list.children[index] !== root)) {
      const focused = document.activeElement;
      list.append(...roots);
      if (focused !== document.activeElement && list.contains(focused)) focused.focus();
    }
    list.hidden = this.#isTable;
    table.hidden = !this.#isTable;
    for (const button of results.querySelectorAll("[data-view]"))
      button.setAttribute("aria-pressed", String((button.dataset.view === "table") === this.#isTable));
    if (this.#isTable) fillTable(table.querySelector("tbody"), jobs.filter(isShown), (job) => this.#open(job));
    find(".none").hidden = jobs.length === 0 || jobs.some(isShown);
  }

  #open(job) {
    this.#isTable = false;
    this.arrange();
    job.card.setOpened(true);
    job.root.querySelector(".open, .remove").focus();
  }
}
