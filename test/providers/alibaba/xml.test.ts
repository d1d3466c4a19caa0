import { expect, test } from 'vitest';
import { isXml, readXml } from '../../../src/providers/alibaba/xml.ts';

test.each([
  ['<A/>', true],
  ['\uFEFF \n<A/>', true],
  ['{"a":"<A/>"}', false],
  ['', false],
])('whether %j is XML: %j', (text, xml) => {
  expect(isXml(text)).toBe(xml);
});

test('what stands in the root is read as JSON would be, and every value is a text', () => {
  const text =
    '\uFEFF<?xml version="1.0"?><ListResponse x="1"><Empty/><Blank> </Blank><Name> 007 </Name>' +
    '<Row><Flag>true</Flag></Row><Row/></ListResponse>';

  expect(readXml(text, 'x List')).toEqual({ Empty: '', Blank: '', Name: '007', Row: [{ Flag: 'true' }, ''] });
});

test('characters that are spelled out are read, once', () => {
  const text =
    '<ListResponse>a&amp;b &lt; &#x65B0;&#38395; &amp;lt; &amp;#38;<![CDATA[<c>&amp;]]></ListResponse>';

  expect(readXml(text, 'x List')).toBe('a&b < 新闻 &lt; &#38;<c>&amp;');
});

test('an answer of many names with a sign to spell out is read to the end', () => {
  const text = `<ListResponse>${'<Name>a&amp;b&#38;c</Name>'.repeat(3000)}</ListResponse>`;

  expect(readXml(text, 'x List')).toEqual({ Name: Array.from({ length: 3000 }, () => 'a&b&c') });
});

test('an error is what stands in it', () => {
  expect(readXml('<Error><Code>Throttling</Code></Error>', 'x List')).toEqual({ Code: 'Throttling' });
});

test.each([
  '<',
  '<ListResponse>',
  '<ListResponse><Rows>',
  '<ListResponse><Rows></ListResponse>',
  '<ListResponse><a>1</a></ListResponse> and more',
  '<html><body><hr></body></html>',
  '<!DOCTYPE a [<!ENTITY b "s3cret">]><ListResponse>&b;</ListResponse>',
  '<ListResponse><__proto__>1</__proto__></ListResponse>',
  `<ListResponse>${'<a>'.repeat(120)}${'</a>'.repeat(120)}</ListResponse>`,
])('%j is no document, and is not shown', (text) => {
  expect(() => readXml(text, 'x List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: `x List: the answer is not XML (${text.length} characters)`,
    }),
  );
});

test.each([
  ['<html><body>Welcome</body></html>', 'the root'],
  ['<Response/>', 'the root'],
  ['<ListResponse><a>1</a></ListResponse><Error/>', 'the root'],
  ['<Error><Message>no code</Message></Error>', 'Error'],
  ['<Error/>', 'Error'],
])("%j is a document, but nothing of Alibaba's", (text, place) => {
  expect(() => readXml(text, 'x List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: `x List: the answer has an unknown form at ${place}`,
    }),
  );
});
