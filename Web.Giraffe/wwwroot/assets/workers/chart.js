// A strip chart of the last fifteen minutes, drawn as SVG, and the same as a table.

import { clock, format, text } from "../language.js";

const space = "http://www.w3.org/2000/svg";

// How many seconds one point stands for.
const bin = 5;

const shape = (name, className) => {
  const made = document.createElementNS(space, name);
  made.setAttribute("class", className);
  return made;
};

// A round number at or above the value: 1, 2 or 5 of a power of ten.
const ceiling = (value) => {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
};

const merged = (seconds) => {
  const requests = seconds.reduce((sum, second) => sum + second.requests, 0);
  const weighed = (name) => seconds.reduce((sum, second) => sum + second[name] * second.requests, 0) / requests;
  return {
    requests,
    failures: seconds.reduce((sum, second) => sum + second.failures, 0),
    median: requests === 0 ? null : weighed("median"),
    slow: requests === 0 ? null : Math.max(...seconds.map((second) => second.slow)),
  };
};

// The seconds that were told, by their number; what is older than the chart is dropped.
export class Traffic {
  #seconds = new Map();
  now = 0;
  span = 900;

  take({ now, span, seconds }) {
    this.now = now;
    this.span = span;
    for (const second of seconds) this.#seconds.set(second.second, second);
    for (const number of this.#seconds.keys()) if (number <= now - span) this.#seconds.delete(number);
  }

  between(first, last) {
    const found = [];
    for (let number = first; number <= last; number++) {
      const second = this.#seconds.get(number);
      if (second) found.push(second);
    }
    return merged(found);
  }

  // Oldest first. The edges of the points stay where they are as time goes on, so that the chart does not flicker.
  points(length) {
    const last = Math.floor(this.now / length) * length;
    return Array.from({ length: this.span / length }, (_, index) => {
      const first = last - this.span + length * (index + 1) - (length - 1);
      return { first, ...this.between(first, first + length - 1) };
    });
  }
}

const steps = (values, most, height) => values
  .map((value, index) => "M" + index + " " + height + "V" + (height - (height * Math.min(value, most)) / most).toFixed(2) + "h1V" + height)
  .join("");

// A line with gaps where nothing was asked.
const line = (values, most, height) => {
  let path = "";
  let open = false;
  values.forEach((value, index) => {
    if (value === null) open = false;
    else {
      const y = (height - (height * Math.min(value, most)) / most).toFixed(2);
      path += open ? "L" + (index + 0.5) + " " + y : "M" + index + " " + y + "h1M" + (index + 0.5) + " " + y;
      open = true;
    }
  });
  return path;
};

const number = (value) => format(value, { maximumFractionDigits: value >= 100 ? 0 : 1 });
const rate = (value) => text("charts.rate", { number: number(value) });
const duration = (value) => text("number.milliseconds", { number: number(value) });

// One strip. `lines` names what is drawn: the class of each path, whether it is a line, its value at a point, and the
// words for it. `unit` writes a value of the axis.
export class Strip {
  #root;
  #lines;
  #unit;
  #points = [];
  #at = null;

  constructor(root, lines, unit) {
    this.#root = root;
    this.#lines = lines.map((one) => ({ ...one, path: shape("path", one.name) }));
    this.#unit = unit;
    const drawing = root.querySelector("svg");
    drawing.append(...this.#lines.map(({ path }) => path));
    drawing.addEventListener("pointermove", (event) => {
      const box = drawing.getBoundingClientRect();
      this.#at = Math.min(0.999, Math.max(0, (event.clientX - box.left) / box.width));
      this.#tell();
    });
    drawing.addEventListener("pointerleave", () => {
      this.#at = null;
      this.#tell();
    });
  }

  draw(points) {
    this.#points = points;
    const drawing = this.#root.querySelector("svg");
    const height = 100;
    drawing.setAttribute("viewBox", "0 0 " + points.length + " " + height);
    const values = this.#lines.map(({ value }) => points.map(value));
    const most = ceiling(Math.max(0, ...values.flat().map((value) => value ?? 0)) * 1.05);
    this.#lines.forEach(({ path, isLine }, index) =>
      path.setAttribute("d", (isLine ? line : steps)(values[index], most, height)));
    this.#root.querySelector(".most").textContent = this.#unit(most);
    this.#tell();
  }

  // The last whole point, or the one under the pointer.
  #tell() {
    const point = this.#points[this.#at === null ? this.#points.length - 1 : Math.floor(this.#at * this.#points.length)];
    if (!point) return;
    const words = this.#lines.map(({ says, value }) => {
      const now = value(point);
      return now === null ? null : says(now);
    }).filter(Boolean).join(", ");
    const time = this.#at === null ? text("charts.now") : clock(point.first);
    this.#root.querySelector(".reading").textContent = (words || text("charts.nothing")) + " · " + time;
  }
}

export const strips = (rates, times) => {
  const requests = new Strip(rates, [
    { name: "all", value: (point) => point.requests / bin, says: rate },
    { name: "lost", value: (point) => point.failures / bin, says: (value) => (value > 0 ? text("charts.failing", { number: number(value) }) : null) },
  ], rate);
  const latency = new Strip(times, [
    { name: "slow", isLine: true, value: (point) => point.slow, says: (value) => text("charts.slowreading", { number: duration(value) }) },
    { name: "median", isLine: true, value: (point) => point.median, says: (value) => text("charts.medianreading", { number: duration(value) }) },
  ], duration);
  return (traffic) => {
    const points = traffic.points(bin);
    requests.draw(points);
    latency.draw(points);
  };
};

// A row a minute, the newest first.
export const fillTable = (body, traffic) => {
  const time = (value) => value === null ? "–" : duration(value);
  body.replaceChildren(...traffic.points(60).reverse().map((minute) => {
    const row = document.createElement("tr");
    const head = document.createElement("th");
    head.scope = "row";
    head.textContent = clock(minute.first, { hour: "2-digit", minute: "2-digit" });
    row.append(head);
    for (const value of [format(minute.requests), format(minute.failures), time(minute.median), time(minute.slow)]) {
      const cell = document.createElement("td");
      cell.textContent = value;
      row.append(cell);
    }
    return row;
  }));
};
