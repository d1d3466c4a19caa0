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
 * Characters that a text must not contain: control characters and lone surrogates, which HTML forbids, and invisible
 * characters that change the direction of the text, with which one name can look like another.
 */
const unsafe = /[^\P{Cc}\t\n]|\p{Cs}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Escapes the characters that are special in markup. Replaces unsafe characters with U+FFFD. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => escapes[char] ?? '').replace(unsafe, '\ufffd');
}
