// What serves now: the health of the load balancer's targets, the shares of the API's versions, and sources on hold.
import { ask, at, bar, code, element, inEnvironment, moment } from "./page.f0962e74.js";

const HEALTH = { healthy: "good", unhealthy: "bad", draining: "quiet", initial: "busy", unavailable: "quiet", unused: "quiet" };
const WORDS = { initial: "starting", unavailable: "not checked: it is a function", unused: "not in use" };

export async function showServing() {
  const { holds, serving } = await ask("status");
  at("holds").replaceChildren(...holds.map(holdRow));
  at("holds").hidden = holds.length === 0;
  const rows = [...(serving.targets ?? []).map(targetRow), ...versionRows(serving.versions ?? [])];
  const list = element("ul", "", "serving");
  list.append(...rows);
  at("serving").replaceChildren(...(rows.length ? [list] : []), ...unknown(serving));
}

function targetRow({ group, states }) {
  const row = element("li");
  row.append(element("span", group, "source"), " ");
  const counts = Object.entries(states);
  if (counts.length === 0) {
    row.append(element("span", "no target", "bad"));
  }
  counts.forEach(([state, count], place) => {
    const what = state === "unavailable" ? WORDS[state] : `${count} ${WORDS[state] ?? state}`;
    row.append(place ? ", " : "", element("span", what, HEALTH[state] ?? "busy"));
  });
  return row;
}

// A canary has two versions, each with its share of the requests.
function versionRows(versions) {
  return versions.map(({ version, percent }) => {
    const row = element("li", "", versions.length > 1 ? "share" : "");
    row.append(element("span", "api", "source"), " ", element("span", `version ${version}: ${percent} % of requests`));
    if (versions.length > 1) {
      row.append(bar(percent / 100, "split"));
    }
    return row;
  });
}

function unknown({ targets, versions, unknown: why }) {
  if (!why) {
    return [];
  }
  const parts = [targets ?? "the health of targets", versions ?? "the shares of the API's versions"];
  const what = parts.filter((each) => typeof each === "string").join(" and ");
  const text = element("p", `Not known here: ${what}. ${why} `, "quiet");
  text.append("Ask with ", code(`tandem status${inEnvironment()}`), ".");
  return [text];
}

function holdRow({ source, commit, pinned, why, since, expires }) {
  const row = element("li");
  row.append(element("span", source, "source"), ` ${pinned ? "is pinned to" : "is held at"} `, code(commit.id.slice(0, 10)));
  row.append(` ${commit.subject} (${why}), since `, moment(since));
  if (expires) {
    row.append(", until ", moment(expires));
  } else {
    row.append(pinned ? ", until " : ", until its head moves or ", code(`tandem resume${inEnvironment()} ${source}`));
  }
  return row;
}
