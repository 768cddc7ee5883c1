// What runs, what was released, and what is happening now. The page stays as it is while the API is down.
import { showBuilds } from "./builds.29d207bd.js";
import { showComparisons } from "./comparison.527250ff.js";
import { showEnvironments } from "./environments.6d967ef3.js";
import { ask, at, bar, element, inEnvironment, moment, nameEnvironment } from "./page.f0962e74.js";
import { showQueue } from "./queue.4d8e3a94.js";
import { showServing } from "./serving.8b79ec74.js";

const POLL = 3000;
const SLOWEST = 30000;
const SHOWN = 12;
const LEAST = 0.01; // of a run's time: parts below are not drawn
const SERVES = 15000; // targets and environments are asked for as often, and each time while a release runs
const MEASURED = 60000; // builds and comparisons are asked for as often, and after each event
const OUTCOMES = { succeeded: "good", failed: "bad", "rolled back": "bad", refused: "bad", started: "busy" };

const template = at("release");
const known = { last: 0, current: undefined, next: null, numbers: new Set(), served: -Infinity, measured: -Infinity };

function commitRows(commits) {
  return Object.entries(commits).map(([source, commit]) => {
    const row = element("li");
    row.append(element("span", source, "source"), " ", element("code", commit.id.slice(0, 10)), " ");
    row.append(element("span", commit.subject, "subject"));
    return row;
  });
}

function releaseCard(release) {
  const card = template.content.cloneNode(true).firstElementChild;
  const part = (selector) => card.querySelector(selector);
  card.value = release.number;
  part(".number").textContent = `Release ${release.number}`;
  part(".outcome").textContent = release.current ? "runs now" : release.outcome;
  part(".outcome").classList.add(OUTCOMES[release.outcome] ?? "quiet");
  const back = release.restores ? `, back to release ${release.restores}` : "";
  part(".why").append(`${release.why}${back} · `, moment(release.created));
  part(".commits").append(...commitRows(release.commits));
  part(".reason").textContent = release.outcome === "succeeded" || release.reason === release.why ? "" : release.reason;
  part(".back").hidden = release.current || release.outcome !== "succeeded";
  const command = `tandem rollback${inEnvironment()} ${release.number}`;
  part(".back code").textContent = command;
  part(".copy").addEventListener("click", (event) => copy(event.target, command));
  part("details").addEventListener("toggle", (event) => showDiff(event.target, release.number), { once: true });
  return card;
}

async function copy(button, text) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select it and copy";
  }
}

async function showDiff(details, number) {
  const place = details.querySelector(".diff");
  if (number === 1) {
    place.replaceChildren(element("p", "It is the first.", "quiet"));
    return;
  }
  try {
    place.replaceChildren(...diffRows(await ask(`releases/${number - 1}/diff/${number}`)));
  } catch (error) {
    place.replaceChildren(element("p", error.message, "bad"));
  }
}

function diffRows(diff) {
  const list = element("ul");
  for (const [source, { from, to }] of Object.entries(diff.commits)) {
    const row = element("li", `${source}: `);
    row.append(element("code", from?.id.slice(0, 10) ?? "none"), " → ", element("code", to?.id.slice(0, 10) ?? "none"));
    list.append(row);
  }
  const images = Object.keys(diff.images);
  list.append(element("li", images.length ? `new images: ${images.join(", ")}` : "no image is new"));
  if (diff.settings.length) {
    list.append(element("li", `settings: ${diff.settings.join(", ")}`));
  }
  return [list];
}

// Where the time of a run went: a bar for each part of some length, at the place of its seconds.
function waterfall(run) {
  const table = element("table", "", "waterfall");
  table.append(element("caption", `${run.seconds.toFixed(1)} s${run.new_content === null ? "" : `, new content after ${run.new_content.toFixed(1)} s`}`));
  for (const part of run.parts.filter((each) => each.seconds >= LEAST * run.seconds)) {
    const row = element("tr", "", part.depth ? "inner" : "");
    const name = element("th", part.name);
    name.scope = "row";
    const chart = element("td", "", "chart");
    const drawing = bar(part.seconds / run.seconds, "part");
    drawing.firstChild.setAttribute("x", (100 * part.began) / run.seconds);
    chart.append(drawing);
    row.append(name, element("td", `${part.seconds.toFixed(1)} s`, "seconds"), chart);
    table.append(row);
  }
  return table;
}

// How large its tasks are, and about what they cost.
function size({ task, cost }) {
  const count = task.count === 1 ? "1 task" : `${task.count} tasks`;
  const each = task.cpu && task.memory ? ` of ${task.cpu / 1024} vCPU and ${task.memory / 1024} GB` : "";
  const month = cost ? `: about $${cost.dollars_a_month.toFixed(2)} a month on Fargate (${cost.prices})` : "";
  return element("p", `${count}${each}${month}`, "quiet");
}

function showCurrent(release) {
  const title = element("p", `Release ${release.number}`, "headline");
  const commits = element("ul", "", "commits");
  commits.append(...commitRows(release.commits));
  const images = element("details");
  const list = element("ul", "", "digests");
  list.append(...Object.entries(release.images).map(([name, image]) => element("li", `${name} ${image.split("@")[1]}`)));
  images.append(element("summary", "Images by digest"), list);
  at("current").replaceChildren(title, commits, size(release));
  at("run").replaceChildren(images);
  if (release.run) {
    const where = element("details");
    where.open = true;
    where.append(element("summary", "Where the time of its release went"), waterfall(release.run));
    at("run").append(where);
  }
}

function showWork(status) {
  at("working").hidden = !status.working;
  at("working").textContent = status.working ? `Working: ${status.working.what}` : "";
  at("now").ariaBusy = status.working ? "true" : "false";
}

function showEvents(events) {
  const rows = events.map((event) => {
    const row = element("li", "", OUTCOMES[event.outcome] ?? "");
    const what = event.release ? `release ${event.release} ${event.outcome}` : event.outcome;
    row.append(moment(event.at), ` ${what}${event.reason ? `: ${event.reason}` : ""}`);
    return row;
  });
  at("events").prepend(...rows.reverse());
  [...at("events").children].slice(SHOWN).forEach((row) => row.remove());
  at("no-events").hidden = at("events").children.length > 0;
}

async function showReleases() {
  const page = await ask("releases?limit=10");
  const cards = page.releases.map(releaseCard);
  known.numbers = new Set(page.releases.map((release) => release.number));
  at("releases").replaceChildren(...cards);
  setNext(page.next);
}

function setNext(cursor) {
  known.next = cursor;
  at("more").hidden = cursor === null;
}

async function showOlder() {
  at("more").disabled = true;
  try {
    const page = await ask(`releases?limit=10&cursor=${encodeURIComponent(known.next)}`);
    const cards = page.releases.filter((release) => !known.numbers.has(release.number)).map(releaseCard);
    page.releases.forEach((release) => known.numbers.add(release.number));
    at("releases").append(...cards);
    setNext(page.next);
    cards[0]?.querySelector("summary").focus();
  } catch (error) {
    connection(error.message, "bad");
  } finally {
    at("more").disabled = false;
  }
}

function connection(text, state) {
  if (at("connection").textContent !== text) {
    at("connection").textContent = text;
  }
  at("connection").className = `connection ${state}`;
}

async function refresh() {
  const seen = await ask(`events?after=${known.last}`);
  nameEnvironment(seen.status.environment);
  showWork(seen.status);
  const isNew = seen.events.length > 0 || known.current !== seen.status.current;
  if (isNew) {
    if (seen.status.current !== null) {
      showCurrent(await ask(`releases/${seen.status.current}`));
    } else {
      at("current").replaceChildren(element("p", "Nothing was released yet.", "quiet"));
    }
    await showReleases();
    showEvents(seen.events.slice(-SHOWN));
    known.last = seen.events.at(-1)?.sequence ?? known.last;
    known.current = seen.status.current;
  }
  if (isNew || seen.status.working || performance.now() - known.served > SERVES) {
    known.served = performance.now();
    await part("serving", showServing);
    await part("environments", showEnvironments);
  }
  if (isNew || performance.now() - known.measured > MEASURED) {
    known.measured = performance.now();
    await part("queue", showQueue);
    const bloated = await part("comparison", showComparisons);
    await part("builds", () => showBuilds(bloated ?? []));
  } else if (seen.status.working) {
    await part("queue", showQueue);
  }
}

// A part that cannot be shown says why, and the others go on.
async function part(id, show) {
  try {
    return await show();
  } catch (error) {
    at(id).replaceChildren(element("p", error.message, "bad"));
    return null;
  }
}

async function run() {
  let wait = POLL;
  for (;;) {
    if (!document.hidden) {
      try {
        await refresh();
        connection("Up to date", "good");
        wait = POLL;
      } catch (error) {
        connection(`The API does not answer; asking again. ${error.message}`, "bad");
        wait = Math.min(wait * 2, SLOWEST);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

at("more").addEventListener("click", showOlder);
document.addEventListener("visibilitychange", () => document.hidden || refresh().catch(() => {}));
run();
