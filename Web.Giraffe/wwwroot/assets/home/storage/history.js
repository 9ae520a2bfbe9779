// Manages the history, which stays in this browser.

import { cloneTemplate, readSetting, writeSetting } from "../../common.js";
import { showCopied } from "../card/details.js";
import { percent, sentence } from "../card/sentence.js";
import { clearSavedCards } from "./session.js";
import { asCsv, asJson, copyText, download, downloadBlob } from "../../share.js";
import { addResult, clearResults, getResults, restoreResults, updateResult } from "./store.js";
import { offerUndo } from "../undo.js";
import { messages } from "../messages.js";

const dateFormat = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

export class History {
  #root;
  #queue = Promise.resolve();
  #isStale = true;

  constructor(root) {
    this.#root = root;
    root.addEventListener("toggle", () => this.#refresh());
    const find = (selector) => root.querySelector(selector);
    find(".json").addEventListener("click", async ({ target }) => showCopied(target, await copyText(asJson(await getResults()))));
    find(".csv").addEventListener("click", async () => download("recognition.csv", "text/csv", asCsv(await getResults())));
    find(".training").addEventListener("click", async () => {
      const { trainingFolder } = await import("./training.js");
      downloadBlob("training.zip", await trainingFolder(await getResults()));
    });
    find(".clear").addEventListener("click", () => this.#enqueue(async () => {
      const results = (await getResults()).reverse();
      await clearResults();
      root.querySelector("summary").focus();
      // A reload would show the pictures of saved cards again.
      offerUndo(messages.historyCleared, () => this.#enqueue(() => restoreResults(results)), clearSavedCards);
    }));
    const checkbox = find("#keep-history");
    checkbox.checked = readSetting("history") !== "no";
    checkbox.addEventListener("change", () => {
      writeSetting("history", checkbox.checked ? null : "no");
      if (!checkbox.checked) clearSavedCards();
    });
    this.#enqueue(() => {});
  }

  // Keeps the order of changes. Without storage, hides the history; above the quota, shows the stored results.
  #enqueue(action) {
    const result = this.#queue.then(action).catch(() => null);
    this.#queue = result.then(() => this.#update()).catch(() => { this.#root.hidden = true; });
    return result;
  }

  // Resolves with the key, or null if nothing was stored.
  add({ name, time, model, version, worker, milliseconds, answer, predictions }, tiny) {
    if (readSetting("history") === "no") return Promise.resolve(null);
    return this.#enqueue(() => addResult({ name, time, model, version, worker, milliseconds, answer, predictions, tiny }));
  }

  setVerdict(key, verdict, right, picture) {
    if (key !== null) this.#enqueue(() => updateResult(key, { verdict, right, picture }));
  }

  async #update() {
    const results = await getResults();
    this.#root.querySelector(".count").textContent = results.length || "";
    this.#root.querySelector(".tools").hidden = results.length === 0;
    this.#root.querySelector(".training").hidden = !results.some(({ right, picture }) => right && picture);
    this.#isStale = true;
    await this.#refresh(results);
  }

  async #refresh(results) {
    if (!this.#root.open || !this.#isStale) return;
    this.#isStale = false;
    const rows = (results ?? (await getResults())).map((result) => {
      const row = cloneTemplate("past");
      const image = row.querySelector("img");
      if (result.tiny) {
        const url = URL.createObjectURL(result.tiny);
        image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
        image.src = url;
      } else image.remove();
      const { head, tail, probability, level, name } = sentence(result);
      row.querySelector(".label").textContent = name ?? head + tail;
      row.querySelector(".sure").textContent = level === "unknown" ? "" : percent(probability);
      row.querySelector(".from").textContent = result.name;
      row.querySelector(".judged").textContent = result.right ? messages.markedAs(result.right) : "";
      const time = row.querySelector("time");
      time.dateTime = new Date(result.time).toISOString();
      time.textContent = dateFormat.format(result.time);
      return row;
    });
    this.#root.querySelector("ol").replaceChildren(...rows);
  }
}
