// The triggers that wait, run, or have ended: what asked for a release, and what came of it.
import { ask, at, code, element, inEnvironment, moment } from "./page.f0962e74.js";

const STATES = { released: "good", merged: "good", skipped: "quiet", failed: "bad", waits: "busy", runs: "busy" };
const SHOWN = 8;

export async function showQueue() {
  const { waiting, ended, waiting_known: isKnown } = await ask(`queue?limit=${SHOWN}`);
  const list = element("ul", "", "events");
  list.append(...[...waiting].reverse().map(row), ...ended.map(row));
  at("queue").replaceChildren(...(list.children.length ? [list] : []), ...(isKnown ? none(list) : elsewhere()));
}

const none = (list) => (list.children.length ? [] : [element("p", "No trigger waits, and none has ended.", "quiet")]);

// The queue is in files of the machine that releases; a release names the triggers that it took in.
function elsewhere() {
  const text = element("p", "What waits is known to the machine that releases only: ", "quiet");
  text.append(code(`tandem queue${inEnvironment()}`));
  return [text];
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
