
const $ = id => document.getElementById(id), all = [...document.querySelectorAll("article")];
const keys = ["severity", "kind", "state", "class"], texts = new Map(all.map(one => [one, one.textContent.toLowerCase()]));
const asks = [...keys, "by", "words"];
const made = (tag, name, text) => Object.assign(document.createElement(tag), { className: name, textContent: text });
function show() {
  const words = $("words").value.toLowerCase(), asked = words || keys.some(key => $(key).value);
  let number = 0;
  for (const one of all) {
    one.hidden = !(keys.every(key => !$(key).value || one.dataset[key] === $(key).value) && texts.get(one).includes(words));
    number += !one.hidden;
  }
  for (const group of document.querySelectorAll(".group, .apart")) {
    const left = group.querySelectorAll("article:not([hidden])").length;
    group.hidden = !left;
    if (asked && number <= 100) group.open = left > 0;
  }
  $("shown").value = number + " shown";
  history.replaceState(null, "", "#" + new URLSearchParams(asks.map(key => [key, $(key).value]).filter(([, value]) => value)));
}
function regroup() {
  const by = $("by").value;
  for (const place of document.querySelectorAll(".groups")) {
    const groups = new Map();
    for (const one of place.querySelectorAll("article")) {
      const name = one.dataset[by];
      groups.set(name, [...(groups.get(name) || []), one]);
    }
    const worst = found => Math.max(...found.map(one => +one.dataset.rank));
    const sorted = [...groups].sort((a, b) => worst(b[1]) - worst(a[1]) || b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
    place.replaceChildren(...sorted.map(([name, found]) => {
      const group = made("details", "group", ""), head = made("summary", "", ""), counts = new Map();
      found.sort((a, b) => b.dataset.rank - a.dataset.rank);
      for (const one of found) counts.set(one.dataset.severity, (counts.get(one.dataset.severity) || 0) + 1);
      head.append(made("span", "name", name), ...[...counts].map(([how, count]) => made("span", "tag " + how, count + " " + how)));
      group.append(head, ...found);
      group.open = all.length <= 50;
      return group;
    }));
  }
  show();
}
for (const id of [...keys, "words"]) $(id).addEventListener("input", show);
$("by").addEventListener("input", regroup);
$("fold").addEventListener("click", () => {
  const groups = [...document.querySelectorAll(".group")], open = !groups.some(one => one.open);
  for (const one of groups) one.open = open;
  $("fold").textContent = open ? "Collapse all" : "Expand all";
});
for (const [key, value] of new URLSearchParams(location.hash.slice(1))) {
  if (asks.includes(key) && (key === "words" || [...$(key).options].some(one => one.value === value))) $(key).value = value;
}
if ($("by").value === "file") show(); else regroup();
