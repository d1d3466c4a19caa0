import { createHash } from 'node:crypto';

/**
 * Script of the pages, which work without it. The Content-Security-Policy allows this script by its hash. It changes
 * only what differs from the new page, so that scroll position, focus and open sections stay.
 */
export const pageScript = `
(() => {
'use strict';
const ownSource = document.currentScript.textContent;
const refreshMs = Number(document.documentElement.dataset.refreshMs);
const stale = document.getElementById('stale');
let pending;
let address = location.href;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const day = (at) => [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
function showLocalTimes(from) {
  // Compare with the time of the page, because the clock of the browser can be wrong.
  const today = day(new Date(from.querySelector('header time').dateTime));
  for (const time of from.querySelectorAll('time')) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime()) || at.getTimezoneOffset() === 0) continue;
    const local = from.createElement('span');
    local.className = 'local';
    local.textContent = (day(at) === today && !('dated' in time.dataset) ? '' : day(at) + ' ') + clock.format(at);
    const utc = from.createElement('span');
    utc.className = 'utc';
    utc.textContent = '(' + time.textContent + ')';
    // The line can break between the two.
    time.replaceChildren(local, ' ', utc);
  }
}

const keyOf = (node) => node.nodeType === 1 ? node.dataset.key || node.id : '';
const isSame = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
// Whether the exporter opened each section. Only a change of it opens a section that the user has closed.
const openedByServer = new Map([...document.querySelectorAll('details')].map((each) => [each.id, each.open]));
function update(old, wanted) {
  if (old.nodeName === 'DETAILS') {
    if (wanted.open && !openedByServer.get(old.id)) old.open = true;
    openedByServer.set(old.id, wanted.open);
  }
  if (old.isEqualNode(wanted)) return;
  if (old.nodeType !== 1) { old.nodeValue = wanted.nodeValue; return; }
  for (const { name } of [...old.attributes]) if (!wanted.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (old.getAttribute(name) !== value && name !== 'open') old.setAttribute(name, value);
  if (old.id === 'search' || old.id === 'account') return;
  const byKey = new Map();
  for (const child of old.children) if (child.dataset.key) byKey.set(child.dataset.key, child);
  let at = old.firstChild;
  for (const next of [...wanted.childNodes]) {
    const known = next.nodeType === 1 && next.dataset.key ? byKey.get(next.dataset.key) : undefined;
    if (known) byKey.delete(next.dataset.key);
    if (known && known !== at) old.insertBefore(known, at);
    const target = known || at;
    if (target && isSame(target, next)) {
      update(target, next);
      at = target.nextSibling;
    } else {
      old.insertBefore(document.importNode(next, true), at);
    }
  }
  while (at) { const rest = at.nextSibling; at.remove(); at = rest; }
}

function show(text) {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const main = page.querySelector('main');
  if (!main) throw new Error('not a page');
  // Another version of the exporter has other markup.
  if (![...page.scripts].some(({ textContent }) => textContent === ownSource)) { location.reload(); return; }
  showLocalTimes(page);
  document.title = page.title;
  const icons = [document, page].map((each) => each.querySelector('link[rel=icon]'));
  if (icons[0].href !== icons[1].href) icons[0].href = icons[1].href;
  for (const name of ['header', 'main', 'footer']) update(document.querySelector(name), page.querySelector(name));
  stale.hidden = true;
  update(stale.querySelector('time'), page.querySelector('#stale time'));
}

async function load(url) {
  pending?.abort();
  const own = new AbortController();
  pending = own;
  const timer = setTimeout(() => own.abort(), 20000);
  try {
    const response = await fetch(url, { signal: own.signal });
    const text = await response.text();
    // The page of a stream that left the config has the status 404.
    if (!response.ok && response.status !== 404) throw new Error(String(response.status));
    if (pending === own) show(text);
  } catch {
    if (pending !== own) return;
    stale.hidden = false;
    if (!document.title.startsWith('? ')) document.title = '? ' + document.title;
  } finally {
    clearTimeout(timer);
    if (pending === own) pending = undefined;
  }
}

function go(url, isNewEntry) {
  address = new URL(url, document.baseURI).href;
  history[isNewEntry ? 'pushState' : 'replaceState'](null, '', address);
  return load(address);
}

const form = document.getElementById('search-form');
function search(isNewEntry) {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== '') parameters.append(name, value);
  return go(parameters.size === 0 ? './' : './?' + parameters, isNewEntry);
}
form?.addEventListener('input', () => void search(false));
form?.addEventListener('submit', (event) => { event.preventDefault(); void search(true); });

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('main a[href^="./?"], main a[href="./"]');
  if (!form || !link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  void go(link.getAttribute('href'), true).then(fillForm);
});
function fillForm() {
  if (!form) return;
  const parameters = new URLSearchParams(location.search);
  for (const name of ['search', 'account']) {
    const field = document.getElementById(name);
    if (field && field.value !== (parameters.get(name) || '')) field.value = parameters.get(name) || '';
  }
}
addEventListener('popstate', () => {
  if (location.href.split('#')[0] === address.split('#')[0]) return;
  address = location.href;
  void load(address).then(fillForm);
});

showLocalTimes(document);
if (refreshMs > 0) setInterval(() => { if (!pending) void load(location.href); }, refreshMs);
})();
`;

/** Hash of the script, in the form that the Content-Security-Policy requires. */
export const scriptHash = `sha256-${createHash('sha256').update(pageScript).digest('base64')}`;
