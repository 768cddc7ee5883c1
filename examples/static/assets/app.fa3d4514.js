// Fill the catalogue from the API; the page stays useful when the API does not answer.
const list = document.querySelector("#items");
const note = document.querySelector("#note");

function row(item) {
  const entry = document.createElement("li");
  const name = document.createElement("strong");
  const price = document.createElement("span");
  name.textContent = item.name;
  price.textContent = (item.cents / 100).toLocaleString("en", { style: "currency", currency: "EUR" });
  price.className = "price";
  entry.append(name, price);
  return entry;
}

async function load() {
  try {
    const answer = await fetch("/api/items");
    if (!answer.ok) {
      throw new Error(`the API answered ${answer.status}`);
    }
    const { items } = await answer.json();
    list.replaceChildren(...items.map(row));
    note.textContent = `${items.length} items`;
  } catch (error) {
    note.textContent = `The catalogue is not available: ${error.message}`;
  }
}

load();
