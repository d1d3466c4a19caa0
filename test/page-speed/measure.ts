import type { Page } from 'playwright-core';

// The code that runs in the browser is text, because the types of the browser are not those of Node.

/** Calls `resolve` with the ms since `start`, after the frame in which the change is drawn. */
const whenDrawn = `
const whenDrawn = (start, resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
const whenChanged = (isDone, change) => new Promise((resolve) => {
  const observer = new MutationObserver(() => {
    if (!isDone()) return;
    observer.disconnect();
    whenDrawn(start, resolve);
  });
  observer.observe(document.querySelector('main'), { attributes: true, characterData: true, childList: true, subtree: true });
  const start = performance.now();
  change();
});`;

/** Loads the page, and returns the ms from the start of the navigation until its rows are drawn and its script ran. */
export async function loadPage(page: Page, url: string): Promise<number> {
  await page.goto(`${url}?refresh=off`);
  return page.evaluate<number>(`(() => {
${whenDrawn}
if (document.querySelector('tr[data-key]') === null) throw new Error('the page shows no stream');
return new Promise((resolve) => whenDrawn(0, resolve));
})()`);
}

/** Types a text at once, and returns the ms until only the streams with this text in their name are drawn. */
export function measureSearch(page: Page, text: string): Promise<number> {
  return page.evaluate<number>(`(() => {
${whenDrawn}
const text = ${JSON.stringify(text)};
const names = () => [...document.querySelectorAll('tr[data-key] a.name')];
return whenChanged(() => names().every((name) => name.textContent.includes(text)), () => {
  const field = document.getElementById('search');
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
});
})()`);
}

/** Removes the search, clicks the header of the names, and returns the ms until the page is drawn in the new order. */
export async function measureSort(page: Page): Promise<number> {
  await page.locator('#search').fill('');
  await page.locator('tr[data-key]').nth(49).waitFor();
  return page.evaluate<number>(`(() => {
${whenDrawn}
const header = () => document.querySelector('th:nth-child(2)');
return whenChanged(() => header()?.hasAttribute('aria-sort'), () => header().querySelector('a').click());
})()`);
}
