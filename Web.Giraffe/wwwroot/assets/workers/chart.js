// Draws charts of the last fifteen minutes as SVG, and fills a table with the same data.

import { element } from "../common.js";
import { format, formatTime, text } from "../language.js";

const svgNamespace = "http://www.w3.org/2000/svg";

// Aggregates five seconds per point: 180 points fit into a narrow chart.
const binSeconds = 5;

const svgElement = (name, className) => {
  const node = document.createElementNS(svgNamespace, name);
  node.setAttribute("class", className);
  return node;
};

// Rounds up to 1, 2 or 5 times a power of ten, for the axis.
const niceCeiling = (value) => {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
};

// Aggregates seconds. The median is approximated by the mean of the medians, weighted by their requests.
const aggregate = (seconds) => {
  const requests = seconds.reduce((sum, second) => sum + second.requests, 0);
  const weightedMean = (name) => seconds.reduce((sum, second) => sum + second[name] * second.requests, 0) / requests;
  return {
    requests,
    failures: seconds.reduce((sum, second) => sum + second.failures, 0),
    median: requests === 0 ? null : weightedMean("median"),
    slow: requests === 0 ? null : Math.max(...seconds.map((second) => second.slow)),
  };
};

// Collects the traffic per second, and drops the seconds that are older than the chart.
export class Traffic {
  #seconds = new Map();
  now = 0;
  span = 900;

  add({ now, span, seconds }) {
    this.now = now;
    this.span = span;
    for (const second of seconds) this.#seconds.set(second.second, second);
    for (const number of this.#seconds.keys()) if (number <= now - span) this.#seconds.delete(number);
  }

  between(first, last) {
    const seconds = [];
    for (let number = first; number <= last; number++) {
      const second = this.#seconds.get(number);
      if (second) seconds.push(second);
    }
    return aggregate(seconds);
  }

  // Returns the points, oldest first. Their edges are multiples of `length`, so that the chart does not flicker.
  points(length) {
    const last = Math.floor(this.now / length) * length;
    return Array.from({ length: this.span / length }, (_, index) => {
      const first = last - this.span + length * (index + 1) - (length - 1);
      return { first, ...this.between(first, first + length - 1) };
    });
  }
}

const barPath = (values, max, height) => values
  .map((value, index) => "M" + index + " " + height + "V" + (height - (height * Math.min(value, max)) / max).toFixed(2) + "h1V" + height)
  .join("");

// Returns the path of a line chart, with gaps where there were no requests.
const linePath = (values, max, height) => {
  let path = "";
  let open = false;
  values.forEach((value, index) => {
    if (value === null) open = false;
    else {
      const y = (height - (height * Math.min(value, max)) / max).toFixed(2);
      path += open ? "L" + (index + 0.5) + " " + y : "M" + index + " " + y + "h1M" + (index + 0.5) + " " + y;
      open = true;
    }
  });
  return path;
};

const number = (value) => format(value, { maximumFractionDigits: value >= 100 ? 0 : 1 });
const rate = (value) => text("charts.rate", { number: number(value) });
const duration = (value) => text("number.milliseconds", { number: number(value) });

// Draws one chart. Each series has the CSS class of its path, whether it is a line, its value at a point, and the text of a
// value. `unit` formats a value of the axis.
class Chart {
  #root;
  #series;
  #unit;
  #points = [];
  #pointer = null;

  constructor(root, series, unit) {
    this.#root = root;
    this.#series = series.map((item) => ({ ...item, path: svgElement("path", item.name) }));
    this.#unit = unit;
    const drawing = root.querySelector("svg");
    drawing.append(...this.#series.map(({ path }) => path));
    drawing.addEventListener("pointermove", (event) => {
      const box = drawing.getBoundingClientRect();
      this.#pointer = Math.min(0.999, Math.max(0, (event.clientX - box.left) / box.width));
      this.#showReading();
    });
    drawing.addEventListener("pointerleave", () => {
      this.#pointer = null;
      this.#showReading();
    });
  }

  draw(points) {
    this.#points = points;
    const drawing = this.#root.querySelector("svg");
    const height = 100;
    drawing.setAttribute("viewBox", "0 0 " + points.length + " " + height);
    const values = this.#series.map(({ value }) => points.map(value));
    // Leaves five percent of space above the highest value.
    const max = niceCeiling(Math.max(0, ...values.flat().map((value) => value ?? 0)) * 1.05);
    this.#series.forEach(({ path, isLine }, index) =>
      path.setAttribute("d", (isLine ? linePath : barPath)(values[index], max, height)));
    this.#root.querySelector(".axis-max").textContent = this.#unit(max);
    this.#showReading();
  }

  // Shows the values of the point under the pointer, or of the last complete point.
  #showReading() {
    const point = this.#points[this.#pointer === null ? this.#points.length - 1 : Math.floor(this.#pointer * this.#points.length)];
    if (!point) return;
    const reading = this.#series.map(({ toText, value }) => {
      const current = value(point);
      return current === null ? null : toText(current);
    }).filter(Boolean).join(", ");
    const time = this.#pointer === null ? text("charts.now") : formatTime(point.first);
    this.#root.querySelector(".reading").textContent = (reading || text("charts.nothing")) + " · " + time;
  }
}

// Creates the two charts. Returns a function that draws them.
export const createCharts = (rates, times) => {
  const requests = new Chart(rates, [
    { name: "all", value: (point) => point.requests / binSeconds, toText: rate },
    { name: "lost", value: (point) => point.failures / binSeconds, toText: (value) => (value > 0 ? text("charts.failing", { number: number(value) }) : null) },
  ], rate);
  const latency = new Chart(times, [
    { name: "slow", isLine: true, value: (point) => point.slow, toText: (value) => text("charts.slowreading", { number: duration(value) }) },
    { name: "median", isLine: true, value: (point) => point.median, toText: (value) => text("charts.medianreading", { number: duration(value) }) },
  ], duration);
  return (traffic) => {
    const points = traffic.points(binSeconds);
    requests.draw(points);
    latency.draw(points);
  };
};

// Fills the table with one row per minute, newest first.
export const fillTable = (body, traffic) => {
  const time = (value) => value === null ? "–" : duration(value);
  body.replaceChildren(...traffic.points(60).reverse().map((minute) => {
    const row = element("tr");
    const head = element("th", "", formatTime(minute.first, { hour: "2-digit", minute: "2-digit" }));
    head.scope = "row";
    row.append(head);
    for (const value of [format(minute.requests), format(minute.failures), time(minute.median), time(minute.slow)])
      row.append(element("td", "", value));
    return row;
  }));
};
