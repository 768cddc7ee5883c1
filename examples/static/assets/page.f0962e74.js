// What the page's parts share: questions to the API, elements, and how values are written.
export const at = (id) => document.querySelector(`#${id}`);

export function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}

export const code = (text) => element("code", text);

// The environment whose page this is; commands need its name.
const own = { name: "" };
export const inEnvironment = () => (own.name ? ` --env ${own.name}` : "");

export function nameEnvironment(name) {
  own.name = name;
  at("environment").textContent = name ? `in ${name}` : "";
}

const TIMEOUT = 10_000; // milliseconds

export async function ask(path) {
  const answer = await fetch(`/api/${path}`, {
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.detail ?? `The API answered ${answer.status}.`);
  }
  return answer.json();
}

export function moment(text) {
  const time = element("time", new Date(text).toLocaleString());
  time.dateTime = text;
  return time;
}

export const seconds = (count) => (count === null ? "" : `${count.toFixed(count < 10 ? 2 : 1)} s`);

export function bytes(count) {
  if (count === null || count === undefined) {
    return "";
  }
  if (count < 1e3) {
    return `${count} B`;
  }
  const [unit, name] = count < 1e6 ? [1e3, "kB"] : [1e6, "MB"];
  const value = count / unit;
  return `${value.toFixed(value && value < 10 ? 1 : 0)} ${name}`;
}

// A table with a caption, which screen readers announce; `rows` are lists of texts or nodes.
export function table(caption, heads, rows, className = "") {
  const made = element("table", "", className);
  made.append(element("caption", caption));
  const head = made.createTHead().insertRow();
  for (const text of heads) {
    const cell = element("th", text);
    cell.scope = "col";
    head.append(cell);
  }
  const body = made.createTBody();
  for (const [first, ...others] of rows) {
    const row = body.insertRow();
    const name = element("th");
    name.scope = "row";
    name.append(first);
    row.append(name);
    others.forEach((value, place) => {
      const cell = row.insertCell();
      cell.dataset.head = heads[place + 1]; // a narrow screen shows it beside the value
      cell.append(value);
    });
  }
  return made;
}

// A bar whose length is a share of its column; a style attribute would need a weaker policy.
export function bar(share, className) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("viewBox", "0 0 100 4");
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("aria-hidden", "true");
  drawing.classList.add("bar", className);
  const block = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  block.setAttribute("width", Math.max(100 * share, 0.4));
  block.setAttribute("height", 4);
  drawing.append(block);
  return drawing;
}
