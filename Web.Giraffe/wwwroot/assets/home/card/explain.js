// Where the model saw a class: its map over the picture, for the row that is pointed at, focused or tapped.

import { announce } from "../../announce.js";
import { calm, element } from "../../common.js";
import { draw, inputOf, read, square, strongest } from "./heat.js";
import { exactly } from "./sentence.js";
import { downloadBlob } from "../../share.js";
import { words } from "../words.js";

const flashes = 1600;

// A map's colours say how much evidence there is: they are those of the class's probability.
const strengthOf = (map, prediction) => map.strength ?? Math.sqrt(prediction.probability);

export class Explanation {
  #picture;
  #place;
  #maps;
  #highest;
  #input;
  #size;
  #shown = null;
  #pinned = null;
  #canvas = null;
  #buttons = [];

  // `picture` is the element that holds the picture, `place` the legend's; `rows` are pairs of a table's row and its
  // prediction; `size` is the sent picture's; `model` describes the model's input.
  constructor({ picture, place, rows, found, size, model }) {
    this.#picture = picture;
    this.#place = place;
    this.#size = size;
    this.#input = inputOf(model);
    this.#maps = new Map((found.maps ?? []).map((map) => [map.index, { ...read(map), strength: map.strength }]));
    this.#highest = Math.max(...[...this.#maps.values()].map((map) => map.highest));
    place.hidden = !this.isThere;
    if (!this.isThere) return;
    for (const [row, prediction] of rows) this.#explain(row, prediction);
    place.querySelector(".tip").hidden = false;
    place.querySelector(".legend").hidden = true;
  }

  // An old worker sends no maps: then rows are rows, and nothing is said about it.
  get isThere() { return this.#maps.size > 0 && this.#size !== null; }

  #explain(row, prediction) {
    const map = this.#maps.get(prediction.index);
    if (!map) return;
    const button = element("button", "see", prediction.label);
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    this.#buttons.push([button, prediction]);
    button.addEventListener("click", () => {
      this.#pin(this.#pinned === prediction ? null : prediction);
      if (this.#pinned) announce(words.seen(prediction.label, strongest(map)));
    });
    button.addEventListener("focus", () => { if (button.matches(":focus-visible")) this.show(prediction); });
    button.addEventListener("blur", () => this.show(this.#pinned));
    button.addEventListener("keydown", (event) => { if (event.key === "Escape") this.#pin(null); });
    row.addEventListener("pointerenter", (event) => { if (event.pointerType !== "touch") this.show(prediction); });
    row.addEventListener("pointerleave", (event) => { if (event.pointerType !== "touch") this.show(this.#pinned); });
    row.querySelector("th").replaceChildren(button);
    row.classList.add("seen");
  }

  #pin(next) {
    this.#pinned = next;
    for (const [button, its] of this.#buttons) button.setAttribute("aria-pressed", String(its === next));
    this.show(next);
  }

  show(prediction) {
    const map = prediction && this.#maps.get(prediction.index);
    // Asked for, a map stays: one that flashes would fade.
    this.#canvas?.classList.remove("flash");
    if (prediction === this.#shown) return;
    this.#shown = prediction;
    const legend = this.#place.querySelector(".legend");
    legend.hidden = !map;
    this.#place.querySelector(".tip").hidden = Boolean(map);
    for (const [button, its] of this.#buttons) button.closest("tr").classList.toggle("lit", its === prediction);
    this.#canvas?.remove();
    this.#canvas = map ? this.#heat(map, prediction) : null;
    if (!map) return;
    this.#picture.append(this.#canvas);
    legend.querySelector("b").textContent = prediction.label;
    legend.querySelector(".where").textContent = strongest(map);
  }

  #heat(map, prediction) {
    const canvas = element("canvas", "heat");
    canvas.setAttribute("aria-hidden", "true");
    const place = square(this.#size.width, this.#size.height, this.#input);
    for (const [side, share] of Object.entries(place)) canvas.style.setProperty(side, (share * 100).toFixed(4) + "%");
    draw(canvas, map, this.#highest, strengthOf(map, prediction), this.#input);
    return canvas;
  }

  // Shows the first class's map for a moment.
  flash() {
    const [, first] = this.#buttons[0] ?? [];
    if (!first || calm.matches || this.#shown) return;
    this.show(first);
    this.#canvas?.classList.add("flash");
    setTimeout(() => {
      if (this.#shown === first && !this.#pinned && !this.#place.parentElement?.querySelector(".lit:hover, .see:focus-visible"))
        this.show(null);
    }, flashes);
  }

  // The picture with the map that is shown, or the first class's, as a PNG.
  async download(name, blob) {
    const prediction = this.#shown ?? this.#buttons[0]?.[1];
    if (!prediction) return;
    const bitmap = await createImageBitmap(blob);
    const canvas = element("canvas");
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    const context = canvas.getContext("2d");
    context.drawImage(bitmap, 0, 0);
    bitmap.close();
    const place = square(this.#size.width, this.#size.height, this.#input);
    context.drawImage(
      this.#heat(this.#maps.get(prediction.index), prediction),
      place.left * canvas.width, place.top * canvas.height, place.width * canvas.width, place.height * canvas.height,
    );
    const png = await new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
    downloadBlob(name.replace(/\.[^.]*$/, "") + ", " + prediction.label + " " + exactly(prediction.probability) + ".png", png);
  }
}
