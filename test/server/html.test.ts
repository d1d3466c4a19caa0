import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from '../../src/server/html.ts';

test('escapes text between tags and in attributes', () => {
  expect(html`<a title="${`"'&`}">${'<b>'}</a>`.markup).toBe('<a title="&quot;&#39;&amp;">&lt;b&gt;</a>');
});

test('does not escape nested markup, alone or in a list', () => {
  const items = ['a', '<'].map((text) => html`<li>${text}</li>`);

  expect(html`<ul>${items}${html`<li/>`}</ul>`.markup).toBe('<ul><li>a</li><li>&lt;</li><li/></ul>');
});

test('renders nothing for undefined and false, and 0 for zero', () => {
  expect(html`[${undefined}${false}${0}]`.markup).toBe('[0]');
});

test('replaces control characters and lone surrogates with U+FFFD', () => {
  expect(html`${'a\u0000\u001b\u0085\ud800b\n'}`.markup).toBe('a\ufffd\ufffd\ufffd\ufffdb\n');
});

test('renders no text that can end its tag or attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(html`${text}`.markup).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
    }),
  );
});
