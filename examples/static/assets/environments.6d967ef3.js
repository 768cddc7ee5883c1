// Environments side by side: what runs in each, what waits there, and what is held.
import { ask, at, code, element, table } from "./page.f0962e74.js";

export async function showEnvironments() {
  const { environments } = await ask("environments");
  at("environments-part").hidden = environments.length < 2;
  if (environments.length < 2) {
    return; // a site shows its own only, above
  }
  const sources = [...new Set(environments.flatMap(({ commits }) => Object.keys(commits)))].sort();
  const own = environments.find((each) => each.own) ?? environments[0];
  const rows = environments.map((each) => [
    each.own ? `${each.name} (this page)` : each.name,
    each.problem ? "unknown" : `${each.current ?? "none"}`,
    ...sources.map((source) => (each.problem ? "unknown" : commitOf(each.commits[source], own.commits[source]))),
    now(each),
  ]);
  const heads = ["Environment", "Release", ...sources, "Now"];
  at("environments").replaceChildren(table("What runs in each", heads, rows, "numbers environments"));
}

function commitOf(commit, ownCommit) {
  const cell = element("span", "", commit && commit.id !== ownCommit?.id ? "other" : "");
  if (commit) {
    cell.append(code(commit.id.slice(0, 10)), ` ${commit.subject}`);
  } else {
    cell.append("none");
  }
  return cell;
}

function now({ problem, working, holds, waiting, last }) {
  if (problem) {
    return element("span", problem, "bad");
  }
  const parts = [
    working && `working: ${working.what}`,
    last?.outcome === "failed" || last?.outcome === "rolled back" ? `release ${last.release} ${last.outcome}` : "",
    holds.length && `on hold: ${holds.map(({ source }) => source).join(", ")}`,
    waiting && `${waiting} ${waiting === 1 ? "trigger waits" : "triggers wait"}`,
  ].filter(Boolean);
  return element("span", parts.join("; ") || "nothing waits", parts.length ? "busy" : "quiet");
}
