// One picture on the page: what is shown of it, and of its answer.

import { calm, copyOf, element, say, sizeOf } from "./common.js";
import { draw, read, square, strongest } from "./heat.js";
import { asCurl, asJson, copy } from "./share.js";
import { words } from "./words.js";

const percent = (share) => (share * 100).toFixed(3) + "%";

export class Card {
  #root = copyOf("card");
  #size = null;
  #shown = null;

  // `source`: the name; a sample's `address`; whether programs need a key; the `model` asked for, "" for the default
  // one; the models' `titles`; `side`, left or right, where two models are compared.
  constructor(source, bytes) {
    const { name: file, side, titles } = source;
    const by = side && (titles[source.model || source.standard] ?? source.model);
    const name = side ? file + ", " + by : file;
    this.name = name;
    this.source = source;
    if (side) {
      this.#root.classList.add(side);
      this.find(".by").textContent = by;
      this.find(".by").hidden = false;
    }
    this.find(".name").textContent = file;
    this.find(".size").textContent = sizeOf(bytes);
    this.find(".remove").setAttribute("aria-label", "Remove " + name);
    this.find(".cancel").setAttribute("aria-label", "Cancel " + name);
    this.find(".again").setAttribute("aria-label", "Try again: " + name);
    this.find(".thumb").setAttribute("aria-label", "Your picture, " + name);
  }

  get root() { return this.#root; }
  get state() { return this.#root.dataset.state; }

  find(selector) { return this.#root.querySelector(selector); }

  on(selector, act) { this.find(selector).addEventListener("click", act); }

  #enter(state) {
    this.#root.dataset.state = state;
    this.find(".working").hidden = state !== "waiting" && state !== "busy" && state !== "paused";
    this.find(".failure").hidden = state !== "failed" && state !== "paused" && state !== "cancelled";
    this.find(".again").hidden = state === "paused";
    this.#root.setAttribute("aria-busy", String(state === "busy"));
  }

  #tell(title, detail) {
    this.find(".failure strong").textContent = title;
    this.find(".failure p").textContent = detail;
  }

  // A null share is one that nobody knows.
  #progress(share, doing) {
    const bar = this.find("progress");
    if (share === null) bar.removeAttribute("value");
    else bar.value = share;
    this.find(".doing").textContent = doing;
  }

  // The picture, and the size of what is sent of it.
  picture(made) {
    const thumb = this.find(".thumb");
    thumb.width = made.card.width;
    thumb.height = made.card.height;
    thumb.getContext("bitmaprenderer").transferFromImageBitmap(made.card);
    this.#root.style.setProperty("--ratio", (made.width / made.height).toFixed(4));
    this.#root.classList.add("drawn");
    this.#size = made.small ?? made;
  }

  note(text) {
    this.find(".note").textContent = text;
    this.find(".note").hidden = false;
  }

  wait() {
    this.find(".note").hidden = true;
    this.find(".found").replaceChildren();
    this.#progress(0, "Waiting for its turn");
    this.#enter("waiting");
  }

  uploading(share) {
    this.#progress(share, share === null ? "Looking at it" : "Uploading, " + Math.floor(share * 100) + "%");
    this.#enter("busy");
  }

  paused({ title, detail }, doing) {
    this.#tell(title, detail);
    this.#progress(null, doing);
    this.#enter("paused");
  }

  failed({ title, detail }) {
    this.#tell(title, detail);
    this.#enter("failed");
  }

  cancelled() {
    this.#tell("Cancelled", "This picture was not looked at.");
    this.#enter("cancelled");
  }

  // `type` is null where the file itself is none that the server takes: then there is no command for it.
  answered(found, type) {
    const card = copyOf("answer");
    const best = found.predictions[0]?.label ?? "Nothing";
    card.querySelector(".best").textContent = best;
    card.querySelector(".worker").textContent = found.worker;
    card.querySelector(".time").textContent = Math.max(1, found.milliseconds).toFixed(0) + " ms" + (found.cached ? ", cached" : "");
    card.querySelector(".model").textContent =
      (this.source.titles[found.model] ?? found.model) + (found.version ? ", version " + found.version : "");
    card.querySelector(".independent").hidden = !found.independent;
    const rows = card.querySelector("tbody");
    const blank = rows.firstElementChild;
    const filled = found.predictions.map((prediction) => {
      const row = blank.cloneNode(true);
      row.querySelector("th").textContent = prediction.label;
      row.querySelector(".share").textContent = percent(prediction.probability);
      rows.append(row);
      return [row, prediction];
    });
    blank.remove();
    this.#ways(card.querySelector(".ways"), found, type);
    this.find(".found").replaceChildren(card);
    this.#explain(found, filled);
    this.#enter("answered");
    const grow = () => {
      for (const [row, prediction] of filled) row.querySelector(".fill").setAttribute("width", percent(prediction.probability));
    };
    // From nothing to their length, once the first paint has shown them at nothing.
    if (calm.matches) grow();
    else requestAnimationFrame(() => requestAnimationFrame(grow));
  }

  #ways(place, found, type) {
    const line = asCurl(this.source, type);
    place.querySelector("details").hidden = type === null;
    place.querySelector("code").textContent = line;
    const copies = (selector, text) => {
      const button = place.querySelector(selector);
      const said = button.textContent;
      button.addEventListener("click", async () => {
        const well = await copy(text());
        say(well ? "Copied" : words.noClipboard);
        button.textContent = well ? "Copied" : "Not copied";
        setTimeout(() => { button.textContent = said; }, 2000);
      });
    };
    copies(".json", () => asJson([found]));
    copies(".curl", () => line);
  }

  // Pointing at a class, focusing or tapping it shows where it was seen. An old worker sends no maps: then its rows
  // are rows, and nothing is said about it.
  #explain(found, filled) {
    const maps = new Map((found.maps ?? []).map((map) => [map.index, read(map)]));
    const heat = this.find(".heat");
    const place = this.find(".why");
    heat.hidden = true;
    place.hidden = true;
    this.#shown = null;
    if (maps.size === 0 || !this.#size) return;
    const { width, height } = this.#size;
    const highest = Math.max(...[...maps.values()].map((map) => map.highest));
    for (const [side, share] of Object.entries(square(width, height))) heat.style.setProperty(side, (share * 100).toFixed(4) + "%");
    const legend = place.querySelector(".legend");
    const tip = place.querySelector(".tip");
    let pinned = null;
    const buttons = [];

    const show = (prediction) => {
      const map = prediction && maps.get(prediction.index);
      if (prediction === this.#shown) return;
      this.#shown = prediction;
      heat.hidden = legend.hidden = !map;
      tip.hidden = Boolean(map);
      for (const [button, other] of buttons) button.closest("tr").classList.toggle("lit", other === prediction);
      if (!map) return;
      draw(heat, map, highest);
      legend.querySelector("b").textContent = prediction.label;
      legend.querySelector(".where").textContent = strongest(map);
    };

    for (const [row, prediction] of filled) {
      const map = maps.get(prediction.index);
      if (!map) continue;
      const button = element("button", "see", prediction.label);
      button.type = "button";
      button.setAttribute("aria-pressed", "false");
      buttons.push([button, prediction]);
      const pin = (next) => {
        pinned = next;
        for (const [other, its] of buttons) other.setAttribute("aria-pressed", String(its === pinned));
        show(pinned);
      };
      button.addEventListener("click", () => {
        pin(pinned === prediction ? null : prediction);
        if (pinned) say(prediction.label + ": seen most " + strongest(map));
      });
      button.addEventListener("focus", () => { if (button.matches(":focus-visible")) show(prediction); });
      button.addEventListener("blur", () => show(pinned));
      button.addEventListener("keydown", (event) => { if (event.key === "Escape") pin(null); });
      row.addEventListener("pointerenter", (event) => { if (event.pointerType !== "touch") show(prediction); });
      row.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") show(pinned); });
      row.querySelector("th").replaceChildren(button);
      row.classList.add("seen");
    }
    place.hidden = false;
    tip.hidden = false;
    legend.hidden = true;
  }
}
