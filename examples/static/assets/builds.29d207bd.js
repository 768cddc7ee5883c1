// How long the builds of releases took: a chart of the last ones, and its numbers as a table.
/* global uPlot */
import { ask, at, bytes, element, moment, seconds, table } from "./page.f0962e74.js";

const COLOURS = { app: "--accent", static: "--blue", api: "--good" };
const DASHES = { static: [10, 4], api: [3, 4] }; // not by colour alone
const OTHER = "--busy";
const HEIGHT = 260;
const known = { chart: null, shown: "" };
const dark = window.matchMedia("(prefers-color-scheme: dark)");

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export async function showBuilds(bloated) {
  const { images } = await ask("builds/trend?last=50");
  const shown = JSON.stringify([images, bloated]);
  if (shown === known.shown && at("builds").querySelector(".plot")) {
    return; // a chart drawn again would lose its cursor
  }
  known.shown = shown;
  known.chart?.destroy();
  known.chart = null;
  if (images.length === 0) {
    at("builds").replaceChildren(element("p", "No release has built an image yet.", "quiet"));
    return;
  }
  const builds = images.flatMap(({ image, builds: own }) => own.map((each) => ({ image, ...each })));
  builds.sort((one, other) => one.at.localeCompare(other.at));
  const place = element("div", "", "plot");
  place.setAttribute("role", "img");
  place.setAttribute("aria-label", images.map(sentence).join(" "));
  at("builds").replaceChildren(summary(images, bloated), place, numbers(builds));
  draw(place, images, builds, bloated);
}

const sentence = ({ image, median, builds }) => `${image}: median ${seconds(median)} of ${builds.length} builds.`;

function summary(images, bloated) {
  const list = element("ul", "", "facts");
  for (const { image, median, earlier } of images) {
    const row = element("li");
    const change = earlier === null ? "" : ` (${seconds(earlier)} before)`;
    row.append(element("strong", seconds(median)), ` ${image}${change}`);
    list.append(row);
  }
  if (bloated.length) {
    const row = element("li");
    row.append(element("strong", seconds(bloated.at(-1).seconds)), " the bloated image, for a change of the app");
    list.append(row);
  }
  return list;
}

// By the number of the build: pushes come in bursts, which an axis of time would draw on top of each other.
function draw(place, images, builds, bloated) {
  const data = [builds.map((_, number) => number + 1)];
  const series = [{ label: "build", value: (_, number) => (number ? when(builds[number - 1]) : "") }];
  for (const { image } of images) {
    data.push(builds.map((each) => (each.image === image ? each.seconds : null)));
    const stroke = () => colour(COLOURS[image] ?? OTHER);
    series.push({ label: image, stroke, width: 2, dash: DASHES[image], points: { show: true, size: 7, fill: stroke }, spanGaps: true, value: (_, value) => seconds(value ?? null) });
  }
  if (bloated.length) {
    data.push(builds.map((each) => before(bloated, each.at)));
    const stroke = () => colour("--quiet");
    series.push({ label: "bloated", stroke, width: 2, dash: [6, 6], points: { show: false }, value: (_, value) => seconds(value ?? null) });
  }
  known.chart = new uPlot({ ...options(place, builds.length), series }, data, place);
}

// The bloated image's time by the last comparison before a build, or by the first one.
const before = (bloated, at) => (bloated.findLast((each) => each.at <= at) ?? bloated[0]).seconds;

const when = (build) => new Date(build.at).toLocaleString();

// Of the ticks of a logarithmic axis only 0.1, 1, 10 and so on.
const powers = (_, ticks) => ticks.map((tick) => (Math.abs(Math.log10(tick) % 1) < 1e-9 ? tick : null));

function options(place, count) {
  const axis = { stroke: () => colour("--ink"), grid: { stroke: () => colour("--line"), width: 1 }, ticks: { show: false } };
  return {
    width: place.clientWidth,
    height: HEIGHT,
    scales: { x: { time: false, range: [0.5, count + 0.5] }, y: { distr: 3 } },
    axes: [
      { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100] },
      { ...axis, grid: { ...axis.grid, filter: powers }, size: 60, filter: powers, values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : `${tick} s`)) },
    ],
    cursor: { drag: { x: false, y: false } },
  };
}

function numbers(builds) {
  const details = element("details");
  const rows = [...builds]
    .reverse()
    .map((each) => [moment(each.at), each.image, seconds(each.seconds), bytes(each.bytes_sent) || "not recorded"]);
  const list = table("Builds of releases, newest first", ["When", "Image", "Built in", "Sent"], rows, "numbers");
  details.append(element("summary", "The numbers"), list);
  return details;
}

new ResizeObserver(() => {
  const width = at("builds").clientWidth;
  if (known.chart && width && known.chart.width !== width) {
    known.chart.setSize({ width, height: HEIGHT });
  }
}).observe(at("builds"));
dark.addEventListener("change", () => known.chart?.redraw());
