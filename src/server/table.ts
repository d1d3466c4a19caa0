import type { InSlices } from '../model/slices.ts';
import { type Html, type HtmlValue, html } from './html.ts';

export interface Column<Item> {
  readonly title: string;
  /** Content of the header cell, such as a link that sorts; the title by default. */
  readonly header?: Html | undefined;
  /** Value of `aria-sort` if the table is sorted by this column. */
  readonly sorted?: 'ascending' | 'descending' | undefined;
  /**
   * CSS classes of the cells. `number` aligns the text to the right. The other classes apply to a narrow
   * screen, which hides the table header: `labeled` shows the title in the cell, `wide` makes the cell fill
   * the row, and `late` puts the cell last.
   */
  readonly classes: string;
  cell(item: Item): HtmlValue;
}

interface TableOptions<Item> {
  /** Text before the links that sort, on a narrow screen, which shows only these of the header. */
  readonly sortLabel?: string;
  /** ID of the heading that is the accessible name of the table. */
  readonly id: string;
  readonly columns: readonly Column<Item>[];
  /** Returns the key by which the script of the page recognizes a row after a refresh. By default, the position. */
  readonly keyOf?: (item: Item) => string;
}

/**
 * Renders a table, with its rows in slices of the event loop. The ARIA roles are explicit, because on a narrow
 * screen the rows are displayed as blocks, and browsers then drop the implicit roles.
 */
export async function table<Item>(
  { id, columns, keyOf, sortLabel }: TableOptions<Item>,
  items: readonly Item[],
  inSlices: InSlices,
): Promise<Html> {
  const headerCell = ({ title, header, sorted, classes }: Column<Item>) =>
    html`<th role="columnheader" scope="col" class="${classes.includes('number') && 'number'}"${
      sorted !== undefined && html` aria-sort="${sorted}"`
    }>${header ?? title}</th>`;
  const row = (item: Item) =>
    html`<tr role="row"${keyOf !== undefined && html` data-key="${keyOf(item)}"`}>${columns.map(
      ({ title, classes, cell }) =>
        html`<td role="cell" class="${classes}" data-label="${title}">${cell(item)}</td>`,
    )}</tr>\n`;
  const rows: Html[] = [];
  await inSlices(items, (item) => rows.push(row(item)));
  return html`<table role="table" aria-labelledby="${id}"><thead role="rowgroup"><tr role="row"${sortLabel !== undefined && html` data-label="${sortLabel}"`}>${columns.map(headerCell)}</tr></thead>
<tbody role="rowgroup">${rows}</tbody></table>`;
}

/** Renders a text in a muted color, such as a placeholder for a missing value. */
export function quiet(text: string): Html {
  return html`<span class="quiet">${text}</span>`;
}

/**
 * Renders the line below the name of an entry: the account, then those of `parts` that are not empty,
 * separated by slashes.
 */
export function location(account: string, ...parts: readonly string[]): Html {
  const path = parts.filter((part) => part !== '').join('/');
  return html`<div class="note quiet"><bdi>${account}</bdi>${path !== '' && html` · <bdi>${path}</bdi>`}</div>`;
}

/** Renders the failure of the last run of a target; nothing if the run succeeded. */
export function failureNote(failure: { readonly kind: string; readonly message: string } | null): HtmlValue {
  return failure !== null && html`<div class="note bad">${failure.kind}: <bdi>${failure.message}</bdi></div>`;
}
