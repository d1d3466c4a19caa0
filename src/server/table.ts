import { type Html, type HtmlValue, html } from './html.ts';

export interface Column<Item> {
  readonly title: string;
  /**
   * CSS classes of the cells. `number` aligns right. On a narrow screen, which hides the header, `labeled` shows the
   * title in the cell, `wide` fills the row and `late` goes last.
   */
  readonly classes: string;
  cell(item: Item): HtmlValue;
}

/**
 * Renders a table that the heading with this ID names. The ARIA roles are explicit because a narrow screen displays rows
 * as blocks, for which browsers drop the implicit roles.
 */
export function table<Item>(id: string, columns: readonly Column<Item>[], items: readonly Item[]): Html {
  const header = ({ title, classes }: Column<Item>) =>
    html`<th role="columnheader" scope="col" class="${classes.includes('number') && 'number'}">${title}</th>`;
  const row = (item: Item) =>
    html`<tr role="row">${columns.map(
      ({ title, classes, cell }) =>
        html`<td role="cell" class="${classes}" data-label="${title}">${cell(item)}</td>`,
    )}</tr>\n`;
  return html`<table role="table" aria-labelledby="${id}"><thead role="rowgroup"><tr role="row">${columns.map(header)}</tr></thead>
<tbody role="rowgroup">${items.map(row)}</tbody></table>`;
}

/** Renders a muted text, such as a placeholder for a missing value. */
export function quiet(text: string): Html {
  return html`<span class="quiet">${text}</span>`;
}

/** Renders a second line that locates an entry: the account, then the non-empty parts separated by slashes. */
export function location(account: string, ...parts: readonly string[]): Html {
  const path = parts.filter((part) => part !== '').join('/');
  return html`<div class="note quiet"><bdi>${account}</bdi>${path !== '' && html` · <bdi>${path}</bdi>`}</div>`;
}

/** Renders the last failure of a target, if there is one. */
export function failureNote(failure: { readonly kind: string; readonly message: string } | null): HtmlValue {
  return failure !== null && html`<div class="note bad">${failure.kind}: <bdi>${failure.message}</bdi></div>`;
}
