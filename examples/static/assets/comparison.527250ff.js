// What a change costs in one bloated image and in split ones: scenario by scenario.
import { ask, at, bar, bytes, element, moment, seconds, table } from "./page.f0962e74.js";

const BLOATED = "monolith";
const SCENARIOS = {
  cold: "Everything, without a cache",
  nothing: "Nothing changed",
  "app-only": "A change of the app",
  "static-one-file": "One file of the content",
  "static-1-percent": "1 % of the content",
  both: "App and content",
};
const VARIANTS = {
  monolith: "bloated",
  "split-layers": "split",
  "split-dockerfile": "split, by Dockerfile",
  fused: "split, fused",
};
const UNRECORDED = "not recorded";
const known = { choices: [] };

// The newest comparisons with a result, one choice for each size; returns the bloated image's times, oldest first.
export async function showComparisons() {
  const { comparisons } = await ask("comparisons?limit=20");
  known.choices = comparisons.flatMap((each) => each.sizes.map((size) => ({ ...each, ...size })));
  known.choices.forEach((choice) => choice.scenarios.sort(byName));
  const chosen = at("comparisons").value;
  at("comparisons").replaceChildren(...known.choices.map(option));
  if (known.choices.some((each) => key(each) === chosen)) {
    at("comparisons").value = chosen;
  }
  at("comparison-choice").hidden = known.choices.length < 2;
  show();
  return bloatedTimes();
}

const key = (choice) => `${choice.run} ${choice.size}`;

function option(choice) {
  const size = choice.size === "own" ? "own content" : choice.size;
  const made = element("option", `${new Date(choice.at).toLocaleString()}: ${size}`);
  made.value = key(choice);
  return made;
}

function bloatedTimes() {
  const times = known.choices.flatMap(({ at: moment, scenarios }) => {
    const median = scenarios.find((each) => each.scenario === "app-only")?.variants[BLOATED]?.median;
    return median ? [{ at: moment, seconds: median }] : [];
  });
  return times.reverse();
}

function show() {
  const choice = known.choices.find((each) => key(each) === at("comparisons").value);
  if (!choice) {
    const command = element("code", "tandem compare builds --quick");
    const text = element("p", "Nothing was compared yet: ", "quiet");
    text.append(command);
    at("comparison").replaceChildren(text);
    return;
  }
  const note = element("p", "", "quiet");
  const builds = Math.max(...choice.scenarios.flatMap(({ variants }) => Object.values(variants).map((each) => each.n)));
  const what = builds > 1 ? `Medians of up to ${builds} builds` : "One build of each kind";
  note.append(`${what}, on ${choice.machine}, `, moment(choice.at));
  const numbers = sizes(choice);
  at("comparison").replaceChildren(headline(choice), times(choice), numbers, ...advice(numbers), note);
}

const together = (count) => seconds(count).replace(" ", "\u00a0"); // on a phone the unit would stand alone

// The best ratio of a change that happens every day.
function headline(choice) {
  const daily = choice.scenarios.filter(({ scenario }) => scenario === "app-only" || scenario === "static-one-file");
  const results = daily.flatMap(({ scenario, variants }) =>
    Object.values(variants).map(({ ratio, median }) => ({ scenario, ratio, median, bloated: variants[BLOATED]?.median })),
  );
  const best = results.filter((each) => each.ratio).sort((one, other) => one.ratio - other.ratio);
  const text = element("p", "", "headline");
  const least = best.find((each) => each.scenario === "app-only") ?? best[0];
  if (least) {
    text.textContent = `${least.ratio.toFixed(1)} times as fast`;
    const name = SCENARIOS[least.scenario].toLowerCase();
    text.append(element("small", ` ${name}: ${together(least.median)} instead of ${together(least.bloated)}`));
  }
  return text;
}

const name = (scenario) => SCENARIOS[scenario] ?? scenario;
const order = Object.keys(SCENARIOS);
const byName = (one, other) => order.indexOf(one.scenario) - order.indexOf(other.scenario);
const ordered = (variants) => Object.keys(VARIANTS).filter((variant) => variant in variants);

function times({ scenarios }) {
  const all = scenarios.flatMap(({ variants }) => Object.values(variants).map((each) => each.median ?? 0));
  const longest = Math.max(...all, 0.001);
  const rows = scenarios.map(({ scenario, variants }) => {
    const bars = element("ul", "", "bars");
    bars.append(...ordered(variants).map((variant) => timeRow(variant, variants[variant], longest)));
    return [name(scenario), bars];
  });
  return table("Build and push", ["What changed", "Seconds"], rows, "times");
}

function timeRow(variant, { median, ratio, failures }, longest) {
  const row = element("li");
  row.append(element("span", VARIANTS[variant], "variant"));
  row.append(bar((median ?? 0) / longest, variant === BLOATED ? "bloated" : "split"));
  const faster = ratio ? `${ratio.toFixed(1)}×` : "";
  const failed = failures ? `${failures} failed` : "";
  row.append(element("span", [seconds(median), faster, failed].filter(Boolean).join(" · "), "seconds"));
  return row;
}

function sizes({ scenarios }) {
  const rows = scenarios.map(({ scenario, variants }) => {
    const bloated = variants[BLOATED];
    const split = variants["split-layers"] ?? variants["split-dockerfile"] ?? variants.fused;
    const changed = split?.bytes_changed ?? bloated?.bytes_changed;
    const everything = scenario === "cold" ? "everything" : "";
    const sent = [bloated, split].map((each) => bytes(each?.bytes_sent) || missing(each));
    return [name(scenario), bytes(changed) || everything || missing(split ?? bloated), ...sent];
  });
  return table("Bytes", ["What changed", "Changed", "Sent bloated", "Sent split"], rows, "numbers");
}

// Why there is no figure.
function missing(result) {
  if (!result) {
    return "not measured";
  }
  return result.n ? UNRECORDED : "failed";
}

function advice(numbers) {
  if (!numbers.textContent.includes(UNRECORDED)) {
    return [];
  }
  const text = element("p", "An earlier version measured this and did not record everything: ", "quiet");
  text.append(element("code", "tandem compare"), " measures again.");
  return [text];
}

at("comparisons").addEventListener("change", show);
