// Shows the heat map of the class whose row is hovered, focused or selected.

import { announce } from "../../announce.js";
import { element, reducedMotion } from "../../common.js";
import { decodeMap, describePeak, drawHeatmap, inputRegion, inputSpec } from "./heatmap.js";
import { exactPercent } from "./sentence.js";
import { downloadBlob } from "../../share.js";
import { messages } from "../messages.js";

// Equals the duration of `.flash` in cards.css.
const flashMs = 1600;

// Older workers send no strength.
const strengthOf = (map, prediction) => map.strength ?? Math.sqrt(prediction.probability);

export class Explanation {
  #picture;
  #panel;
  #maps;
  #highest;
  #input;
  #size;
  #shown = null;
  #pinned = null;
  #canvas = null;
  #buttons = [];

  // `rows` are pairs of a table row and its prediction; `size` is the uploaded picture's.
  constructor({ picture, panel, rows, result, size, model }) {
    this.#picture = picture;
    this.#panel = panel;
    this.#size = size;
    this.#input = inputSpec(model);
    this.#maps = new Map((result.maps ?? []).map((map) => [map.index, { ...decodeMap(map), strength: map.strength }]));
    this.#highest = Math.max(...[...this.#maps.values()].map((map) => map.highest));
    panel.hidden = !this.isAvailable;
    if (!this.isAvailable) return;
    for (const [row, prediction] of rows) this.#makeInteractive(row, prediction);
    panel.querySelector(".tip").hidden = false;
    panel.querySelector(".legend").hidden = true;
  }

  // Old workers send no maps.
  get isAvailable() { return this.#maps.size > 0 && this.#size !== null; }

  #makeInteractive(row, prediction) {
    const map = this.#maps.get(prediction.index);
    if (!map) return;
    const button = element("button", "see", prediction.label);
    button.type = "button";
    button.setAttribute("aria-pressed", "false");
    this.#buttons.push([button, prediction]);
    button.addEventListener("click", () => {
      this.#pin(this.#pinned === prediction ? null : prediction);
      if (this.#pinned) announce(messages.mapPlace(prediction.label, describePeak(map)));
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
    for (const [button, own] of this.#buttons) button.setAttribute("aria-pressed", String(own === next));
    this.show(next);
  }

  show(prediction) {
    const map = prediction && this.#maps.get(prediction.index);
    // The animation would fade out a requested map.
    this.#canvas?.classList.remove("flash");
    if (prediction === this.#shown) return;
    this.#shown = prediction;
    const legend = this.#panel.querySelector(".legend");
    legend.hidden = !map;
    this.#panel.querySelector(".tip").hidden = Boolean(map);
    for (const [button, own] of this.#buttons) button.closest("tr").classList.toggle("lit", own === prediction);
    this.#canvas?.remove();
    this.#canvas = map ? this.#createHeatmap(map, prediction) : null;
    if (!map) return;
    this.#picture.append(this.#canvas);
    legend.querySelector("b").textContent = prediction.label;
    legend.querySelector(".where").textContent = describePeak(map);
  }

  #createHeatmap(map, prediction) {
    const canvas = element("canvas", "heat");
    canvas.setAttribute("aria-hidden", "true");
    const region = inputRegion(this.#size.width, this.#size.height, this.#input);
    for (const [side, fraction] of Object.entries(region)) canvas.style.setProperty(side, (fraction * 100).toFixed(4) + "%");
    drawHeatmap(canvas, map, this.#highest, strengthOf(map, prediction), this.#input);
    return canvas;
  }

  flash() {
    const [, first] = this.#buttons[0] ?? [];
    if (!first || reducedMotion.matches || this.#shown) return;
    this.show(first);
    this.#canvas?.classList.add("flash");
    setTimeout(() => {
      if (this.#shown === first && !this.#pinned && !this.#panel.parentElement?.querySelector(".lit:hover, .see:focus-visible"))
        this.show(null);
    }, flashMs);
  }

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
    const region = inputRegion(this.#size.width, this.#size.height, this.#input);
    context.drawImage(
      this.#createHeatmap(this.#maps.get(prediction.index), prediction),
      region.left * canvas.width, region.top * canvas.height, region.width * canvas.width, region.height * canvas.height,
    );
    const png = await new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
    downloadBlob(name.replace(/\.[^.]*$/, "") + ", " + prediction.label + " " + exactPercent(prediction.probability) + ".png", png);
  }
}
