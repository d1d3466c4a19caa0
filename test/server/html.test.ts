import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from '../../src/server/html.ts';

test('a text is escaped between tags and in attributes', () => {
  expect(html`<a title="${`"'&`}">${'<b>'}</a>`.markup).toBe('<a title="&quot;&#39;&amp;">&lt;b&gt;</a>');
});

test('markup in markup stands as it is, alone and in a list', () => {
  const items = ['a', '<'].map((text) => html`<li>${text}</li>`);

  expect(html`<ul>${items}${html`<li/>`}</ul>`.markup).toBe('<ul><li>a</li><li>&lt;</li><li/></ul>');
});

test('undefined and false draw nothing, zero draws 0', () => {
  expect(html`[${undefined}${false}${0}]`.markup).toBe('[0]');
});

test('control characters and halves of characters become the sign for what cannot be shown', () => {
  expect(html`${'a\u0000\u001b\u0085\ud800b\n'}`.markup).toBe('a\ufffd\ufffd\ufffd\ufffdb\n');
});

test('no text can leave its place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(html`${text}`.markup).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
    }),
  );
});
