import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseXml, parseXmlInSlices } from '../../../src/providers/alibaba/xml-parser.ts';
import { readFields } from '../../../src/providers/kit/values.ts';
import { createShortSlices, inOneSlice } from '../../support/slices.ts';

type Tree = string | { readonly [name: string]: readonly Tree[] };

const name = fc.constantFrom(
  'RequestId',
  'Action',
  'StreamName',
  'a',
  'constructor',
  'toString',
  '中文',
  'x.y-z',
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }).map((text) => text.trim()),
    fc.dictionary(name, fc.array(tie('tree'), { minLength: 1, maxLength: 3 }), { minKeys: 1, maxKeys: 3 }),
  ),
}));

/** Returns the text of an element, with the variants of XML that mean the same. */
function toText(element: string, content: Tree, variant: number): string {
  const attributes = variant % 3 === 0 ? ` a="<>'/" b='">'` : '';
  if (content === '' && variant % 2 === 0) return `<${element}/>`;
  const inner =
    typeof content === 'string'
      ? escaped(content, variant)
      : Object.entries(content)
          .flatMap(([child, all]) => all.map((each) => toText(child, each, variant + 1)))
          .join(variant % 2 === 0 ? '\n  <!-- <a> & -->' : '<?pi <a>?>');
  return `<${element}${attributes.replaceAll('<', '')}>${inner}</${element}${variant % 5 === 0 ? ' ' : ''}>`;
}

function escaped(text: string, variant: number): string {
  if (variant % 4 === 0 && !text.includes(']]>')) return `<![CDATA[${text}]]>`;
  return text.replace(/[&<>"']/g, (char) =>
    variant % 2 === 0 ? `&#${char.charCodeAt(0)};` : `&#x${char.charCodeAt(0).toString(16)};`,
  );
}

/** Returns the shape that the parser promises: a list only for elements with the same name. */
function shapeOf(content: Tree): unknown {
  if (typeof content === 'string') return content;
  return Object.fromEntries(
    Object.entries(content).map(([child, all]) => [
      child,
      all.length === 1 ? shapeOf(all[0] ?? '') : all.map(shapeOf),
    ]),
  );
}

test('reads any tree of elements and texts back', () => {
  fc.assert(
    fc.property(tree, fc.nat(100), (content, variant) => {
      const text = `<?xml version="1.0" encoding="UTF-8"?>\n${toText('Root', content, variant)}\n`;

      expect(parseXml(text)).toEqual({ Root: shapeOf(content) });
    }),
  );
});

test('reads any tree in slices too, and rejects each beginning of it', async () => {
  const space = ' '.repeat(700);
  await fc.assert(
    fc.asyncProperty(tree, fc.nat(100), fc.nat(), async (content, variant, cut) => {
      const text = `<Root>${space}${toText('a', content, variant)}${space}<b/>${space}</Root>${space}`;

      expect(await parseXmlInSlices(text, inOneSlice)).toEqual(parseXml(text));
      const beginning = text.slice(0, 1 + (cut % (text.length - space.length - 1)));
      expect(await parseXmlInSlices(beginning, inOneSlice)).toBeUndefined();
    }),
  );
});

test('yields after each 16 KiB, and reads to the end', async () => {
  const text = `<Root>${'<Row><Name>a</Name></Row>'.repeat(20_000)}</Root>`;
  const slices = createShortSlices();

  expect(await parseXmlInSlices(text, slices.inSlices)).toEqual(parseXml(text));
  expect(slices.yields()).toBe(Math.ceil(text.length / 16_384) + 1);
});

test('never throws, and rejects each proper beginning of a document', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseXml(text)));
  const text = toText('Root', { a: ['1', { b: ['<&>'] }], c: [''] }, 3);
  for (let end = 1; end < text.length; end++) expect(parseXml(text.slice(0, end))).toBeUndefined();
});

test('keeps a text beside elements, and references that it does not know', () => {
  expect(parseXml('<R>a<b>&nbsp;&amp;#38;&#1114112;</b> c</R>')).toEqual({
    R: { b: '&nbsp;&#38;&#1114112;', '#text': 'a c' },
  });
});

test.each([
  ['a text', '<a>channel-123456</a>'],
  ['a CDATA section', '<a><![CDATA[channel-123456]]></a>'],
])('lets the garbage collector free the document while %s of it is in use', (_, element) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const usedBytes = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const documents = 20;
  const bytes = 1_000_000;
  const before = usedBytes();

  const kept = Array.from({ length: documents }, () => {
    const text = Buffer.from(`<R>${element}${' '.repeat(bytes)}</R>`).toString();
    return readFields(readFields(parseXml(text))?.R)?.a;
  });

  expect(usedBytes() - before).toBeLessThan((documents * bytes) / 4);
  expect(new Set(kept)).toEqual(new Set(['channel-123456']));
});

test.each([
  '<a b="1>2</a>',
  '<a <b></a>',
  '<1/>',
  '</a>',
  '<a></b>',
  '<!ENTITY a "b">',
  '<a><!-- </a>',
  '<a><![CDATA[ </a>',
  '<a></ab>',
  '<ab></a>',
  '<a></a',
  '<a></a b>',
  '<a></a/>',
  '<abc',
])('rejects %j', (text) => {
  expect(parseXml(text)).toBeUndefined();
});

test.each([
  ['text after the last tag', `<a>${'x'.repeat(1_000_000)}`],
  ['attributes', `<a ${'b="" '.repeat(200_000)}>`],
  ['comments', '<a><!-- -->'.repeat(90_000)],
  ['quotes', `<a ${'"'.repeat(1_000_001)}`],
  ['open tags', '<a>'.repeat(300_000)],
])('reads 1 MB of %s in linear time', async (_, text) => {
  // A quadratic parser would take minutes.
  expect(parseXml(text)).toBeUndefined();
  expect(await parseXmlInSlices(text, inOneSlice)).toBeUndefined();
});
