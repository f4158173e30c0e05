'use strict';
// The page is well-formed XML too, so that no angle bracket opens and no ampersand stands in here.
// Finding things on the page. Without it the page shows all the same.

// A list that is narrowed by words and by attributes; `groups` hold its items.
function narrow(name, items, groups, attributes) {
  const tools = document.getElementById(`${name}-tools`);
  const find = document.getElementById(`${name}-find`);
  const shown = document.getElementById(`${name}-shown`);
  const selects = attributes.map((attribute) => [attribute, document.getElementById(`${name}-${attribute}`)]);
  const texts = new Map();
  const text = (item) => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };
  const apply = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = selects.filter(([, select]) => select.value);
    const any = words.length > 0 || wanted.length > 0;
    let count = 0;
    for (const item of items) {
      const has = ([attribute, select]) => item.dataset[attribute] === select.value;
      const meets = wanted.every(has) ? words.every((word) => text(item).includes(word)) : false;
      item.hidden = !meets;
      count += meets ? 1 : 0;
    }
    for (const group of groups) {
      const left = group.querySelectorAll('[data-item]:not([hidden])').length;
      group.hidden = left === 0;
      // What was opened for a search closes with it; what a person opened stays as it is.
      const opens = [any, left > 0, 200 >= left, !group.open].every(Boolean);
      const closes = any ? false : 'opened' in group.dataset;
      if (opens) {
        group.open = true;
        group.dataset.opened = '';
      } else if (closes) {
        group.open = false;
        delete group.dataset.opened;
      }
    }
    shown.textContent = any ? `${count} of ${items.length} shown` : `${items.length}`;
  };
  let waiting = 0;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  };
  find.addEventListener('input', soon);
  selects.forEach(([, select]) => select.addEventListener('change', apply));
  tools.addEventListener('submit', (event) => event.preventDefault());
  tools.hidden = false;
  apply();
  return () => {
    find.value = '';
    selects.forEach(([, select]) => { select.value = ''; });
    apply();
  };
}

const every = (selector) => [...document.querySelectorAll(selector)];
narrow('rows', every('#rows [data-item]'), every('#rows > details'), ['status', 'verb']);
const allCases = narrow('cases', every('.cases [data-item]'), every('.all > details'), ['outcome', 'level']);

// A link to a case opens what it is folded into, and undoes a search that hides it.
function follow() {
  let name = location.hash.slice(1);
  try { name = decodeURIComponent(name); } catch { return; }
  const place = name ? document.getElementById(name) : null;
  if (!place) return;
  if (place.closest('[hidden]')) allCases();
  for (let at = place.parentElement; at; at = at.parentElement) {
    if (at instanceof HTMLDetailsElement) at.open = true;
  }
  place.scrollIntoView();
}
addEventListener('hashchange', follow);
follow();
