import { type Html, type HtmlValue, html } from './html.ts';

/**
 * Symbols that `icon` refers to, one per state. Each state also has a word, so that color is never the only
 * difference.
 */
export const icons = html`<svg width="0" height="0" aria-hidden="true" focusable="false"><defs>
<symbol id="icon-up" viewBox="0 0 12 12"><path d="M2 6.5l3 3 5-7"/></symbol>
<symbol id="icon-silent" viewBox="0 0 12 12"><path d="M2 6h8"/></symbol>
<symbol id="icon-interrupted" viewBox="0 0 12 12"><path d="M1 6h2.6M8.4 6H11M5 9l2-6"/></symbol>
<symbol id="icon-unknown" viewBox="0 0 12 12"><path d="M4 4a2 2 0 1 1 2.6 2c-.5.2-.6.5-.6 1.2M6 9.6v.2"/></symbol>
<symbol id="icon-degraded" viewBox="0 0 12 12"><path d="M6 1.8v8M2.6 6.6L6 10l3.4-3.4"/></symbol>
<symbol id="icon-alarm" viewBox="0 0 12 12"><path d="M6 1.4l5 9H1zM6 4.8v2.4M6 8.8v.1"/></symbol>
<symbol id="icon-forbidden" viewBox="0 0 12 12"><path d="M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 1 0 0-9M2.9 2.9l6.2 6.2"/></symbol>
<symbol id="icon-resumed" viewBox="0 0 12 12"><path d="M3.5 2l6 4-6 4z"/></symbol>
<symbol id="icon-acted" viewBox="0 0 12 12"><path d="M6 2.5L9.5 6 6 9.5 2.5 6z"/></symbol>
</defs></svg>`;

export type IconName =
  | 'up'
  | 'silent'
  | 'interrupted'
  | 'unknown'
  | 'degraded'
  | 'alarm'
  | 'forbidden'
  | 'resumed'
  | 'acted';

export function icon(name: IconName): Html {
  return html`<svg class="icon" aria-hidden="true"><use href="#icon-${name}"/></svg>`;
}

/** Renders a state as an icon and a text. `tone` is the CSS class that sets the color. */
export function mark(tone: string, name: IconName, text: HtmlValue): Html {
  return html`<span class="state ${tone}">${icon(name)}${text}</span>`;
}
