/** Markup that is safe to show as it is. Made by `html` only. */
export interface Html {
  readonly markup: string;
}

/**
 * Markup with values in it. A text is escaped, whatever it is; only what `html` made stands as it is, alone or in a list.
 * undefined and false draw nothing. Values belong between tags or in quoted attributes.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Drawable[]): Html {
  return { markup: String.raw({ raw: strings }, ...values.map(draw)) };
}

type Drawable = string | number | undefined | false | Html | readonly Html[];

function draw(value: Drawable): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters have no place in HTML and become the sign for what cannot be shown. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => escapes[char] ?? '').replace(/[^\P{Cc}\t\n]|\p{Cs}/gu, '\ufffd');
}
