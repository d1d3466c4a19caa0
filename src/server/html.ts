/**
 * Markup that `html` inserts without escaping. Create it with the template tag `html`, except for constant
 * markup such as the style sheet.
 */
export interface Html {
  readonly markup: string;
}

export type HtmlValue = string | number | undefined | false | Html | readonly Html[];

/**
 * Template tag that escapes all values except `Html` and lists of `Html`. The values undefined and false
 * render nothing. A value may be placed between tags and in quoted attributes.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { markup: String.raw({ raw: strings }, ...values.map(render)) };
}

function render(value: HtmlValue): string {
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

/**
 * Escapes the characters that are special in markup. Replaces control characters and lone surrogates, which
 * HTML forbids, with U+FFFD.
 */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => escapes[char] ?? '').replace(/[^\P{Cc}\t\n]|\p{Cs}/gu, '\ufffd');
}
