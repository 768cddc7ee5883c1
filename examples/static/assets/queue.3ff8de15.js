// The triggers that wait, run, or have ended: what asked for a release, and what came of it.
import { ask, at, element, moment } from "./page.13e243cd.js";

const STATES = { released: "good", merged: "good", skipped: "quiet", failed: "bad", waits: "busy", runs: "busy" };
const SHOWN = 8;

export async function showQueue() {
  const { waiting, ended } = await ask(`queue?limit=${SHOWN}`);
  if (waiting.length + ended.length === 0) {
    const text = element("p", "No trigger is known here. On the machine that releases: ", "quiet");
    text.append(element("code", "tandem queue"));
    at("queue").replaceChildren(text);
    return;
  }
  const list = element("ul", "", "events");
  list.append(...[...waiting].reverse().map(row), ...ended.map(row));
  at("queue").replaceChildren(list);
}

function row(trigger) {
  const made = element("li");
  const who = [trigger.by, trigger.way !== trigger.title && trigger.way].filter(Boolean).join(", ");
  made.append(moment(trigger.at), ` ${trigger.title}${who ? ` (${who})` : ""} `);
  const release = trigger.release ? ` with release ${trigger.release}` : "";
  made.append(element("span", `${trigger.state}${release}`, STATES[trigger.state] ?? "quiet"));
  if (trigger.why) {
    made.append(`: ${trigger.why}`);
  }
  return made;
}
