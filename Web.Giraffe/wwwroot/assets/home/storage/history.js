// The history: the answers that this browser got, kept in it alone.

import { copyOf, recall, remember } from "../../common.js";
import { said } from "../card/details.js";
import { percent, sentence } from "../card/sentence.js";
import { forget } from "./session.js";
import { asCsv, asJson, copy, download, downloadBlob } from "../../share.js";
import { add, all, change, clear, restore } from "./store.js";
import { offerUndo } from "../undo.js";
import { words } from "../words.js";

const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });

export class History {
  #root;
  #queue = Promise.resolve();
  #isStale = true;

  constructor(root) {
    this.#root = root;
    root.addEventListener("toggle", () => this.#refresh());
    const find = (selector) => root.querySelector(selector);
    find(".json").addEventListener("click", async ({ target }) => said(target, await copy(asJson(await all()))));
    find(".csv").addEventListener("click", async () => download("recognition.csv", "text/csv", asCsv(await all())));
    find(".training").addEventListener("click", async () => {
      const { trainingFolder } = await import("./training.js");
      downloadBlob("training.zip", await trainingFolder(await all()));
    });
    find(".clear").addEventListener("click", () => this.#then(async () => {
      const answers = (await all()).reverse();
      await clear();
      root.querySelector("summary").focus();
      // The pictures that a reload would show are part of what is cleared.
      offerUndo(words.forgotten, () => this.#then(() => restore(answers)), forget);
    }));
    const keeps = find("#keep-history");
    keeps.checked = recall("history") !== "no";
    keeps.addEventListener("change", () => {
      remember("history", keeps.checked ? null : "no");
      if (!keeps.checked) forget();
    });
    this.#then(() => {});
  }

  // One after the other, so that the list shows the last change. A browser that keeps nothing has no history; one whose
  // space is used up shows what it kept.
  #then(act) {
    const result = this.#queue.then(act).catch(() => null);
    this.#queue = result.then(() => this.#count()).catch(() => { this.#root.hidden = true; });
    return result;
  }

  // Resolves with the key, or null where nothing is kept.
  add({ name, time, model, version, worker, milliseconds, answer, predictions }, tiny) {
    if (recall("history") === "no") return Promise.resolve(null);
    return this.#then(() => add({ name, time, model, version, worker, milliseconds, answer, predictions, tiny }));
  }

  // The picture is kept with what was said of it.
  judge(key, verdict, right, picture) {
    if (key !== null) this.#then(() => change(key, { verdict, right, picture }));
  }

  async #count() {
    const answers = await all();
    this.#root.querySelector(".count").textContent = answers.length || "";
    this.#root.querySelector(".tools").hidden = answers.length === 0;
    this.#root.querySelector(".training").hidden = !answers.some(({ right, picture }) => right && picture);
    this.#isStale = true;
    await this.#refresh(answers);
  }

  async #refresh(known) {
    if (!this.#root.open || !this.#isStale) return;
    this.#isStale = false;
    const rows = (known ?? (await all())).map((answer) => {
      const row = copyOf("past");
      const image = row.querySelector("img");
      if (answer.tiny) {
        const address = URL.createObjectURL(answer.tiny);
        image.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
        image.src = address;
      } else image.remove();
      const { head, tail, share, level, name } = sentence(answer);
      row.querySelector(".label").textContent = name ?? head + tail;
      row.querySelector(".sure").textContent = level === "unknown" ? "" : percent(share);
      row.querySelector(".from").textContent = answer.name;
      row.querySelector(".judged").textContent = answer.right ? words.judgedAs(answer.right) : "";
      const time = row.querySelector("time");
      time.dateTime = new Date(answer.time).toISOString();
      time.textContent = when.format(answer.time);
      return row;
    });
    this.#root.querySelector("ol").replaceChildren(...rows);
  }
}
