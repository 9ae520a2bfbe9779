// "Answers so far": what this browser was told, kept in it alone.

import { copyOf, say } from "./common.js";
import { asCsv, asJson, copy, download } from "./share.js";
import { add, all, clear } from "./store.js";
import { words } from "./words.js";

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export class History {
  #root;
  #queue = Promise.resolve();
  #stale = true;

  constructor(root) {
    this.#root = root;
    root.addEventListener("toggle", () => this.#refresh());
    const find = (selector) => root.querySelector(selector);
    find(".json").addEventListener("click", async () => {
      say((await copy(asJson(await all()))) ? "Copied" : words.noClipboard);
    });
    find(".csv").addEventListener("click", async () => download("recognition.csv", "text/csv", asCsv(await all())));
    find(".clear").addEventListener("click", () => this.#then(async () => {
      await clear();
      say("Forgotten");
      root.open = false;
    }));
    this.#then(() => {});
  }

  // One after the other, so that the list is always of the last change. A browser that keeps nothing has no history.
  #then(act) {
    this.#queue = this.#queue.then(act).then(() => this.#count()).catch(() => { this.#root.hidden = true; });
  }

  add({ name, time, model, version, worker, milliseconds, predictions }, tiny) {
    this.#then(() => add({ name, time, model, version, worker, milliseconds, predictions, tiny }));
  }

  async #count() {
    const answers = await all();
    this.#root.hidden = answers.length === 0;
    this.#root.querySelector(".count").textContent = answers.length;
    this.#stale = true;
    await this.#refresh(answers);
  }

  async #refresh(known) {
    if (!this.#root.open || !this.#stale) return;
    this.#stale = false;
    const rows = (known ?? (await all())).map((answer) => {
      const row = copyOf("past");
      const image = row.querySelector("img");
      if (answer.tiny) {
        const address = URL.createObjectURL(answer.tiny);
        image.addEventListener("load", () => URL.revokeObjectURL(address), { once: true });
        image.src = address;
      } else image.remove();
      const [best] = answer.predictions;
      row.querySelector(".label").textContent = best ? best.label : "Nothing";
      row.querySelector(".sure").textContent = best ? (best.probability * 100).toFixed(1) + "%" : "";
      row.querySelector(".from").textContent = answer.name;
      const time = row.querySelector("time");
      time.dateTime = new Date(answer.time).toISOString();
      time.textContent = when.format(answer.time);
      return row;
    });
    this.#root.querySelector("ol").replaceChildren(...rows);
  }
}
