import { expect, test } from 'vitest';
import { isXml, readXml } from '../../../src/providers/alibaba/xml.ts';

test.each([
  ['<A/>', true],
  ['\uFEFF \n<A/>', true],
  ['{"a":"<A/>"}', false],
  ['', false],
])('reports whether %j is XML: %j', (text, xml) => {
  expect(isXml(text)).toBe(xml);
});

test('reads the content of the root like JSON, with every value as a string', () => {
  const text =
    '\uFEFF<?xml version="1.0"?><ListResponse x="1"><Empty/><Blank> </Blank><Name> 007 </Name>' +
    '<Row><Flag>true</Flag></Row><Row/></ListResponse>';

  expect(readXml(text, 'List', 'x List')).toEqual({
    Empty: '',
    Blank: '',
    Name: '007',
    Row: [{ Flag: 'true' }, ''],
  });
});

test('decodes character references once', () => {
  const text =
    '<ListResponse>a&amp;b &lt; &#x65B0;&#38395; &amp;lt; &amp;#38;<![CDATA[<c>&amp;]]></ListResponse>';

  expect(readXml(text, 'List', 'x List')).toBe('a&b < 新闻 &lt; &#38;<c>&amp;');
});

test('reads a response with many character references completely', () => {
  const text = `<ListResponse>${'<Name>a&amp;b&#38;c</Name>'.repeat(3000)}</ListResponse>`;

  expect(readXml(text, 'List', 'x List')).toEqual({ Name: Array.from({ length: 3000 }, () => 'a&b&c') });
});

test('reads the content of an error', () => {
  expect(readXml('<Error><Code>Throttling</Code></Error>', 'List', 'x List')).toEqual({ Code: 'Throttling' });
});

test.each([
  '<',
  '<ListResponse>',
  '<ListResponse><Rows>',
  '<ListResponse><Rows></ListResponse>',
  '<ListResponse><a>1</a></ListResponse> and more',
  '<ListResponse/> and more',
  '<!DOCTYPE a [<!ENTITY b "s3cret">]><ListResponse>&b;</ListResponse>',
  '<ListResponse><__proto__>1</__proto__></ListResponse>',
  `<ListResponse>${'<a>'.repeat(120)}${'</a>'.repeat(120)}</ListResponse>`,
])('rejects the invalid document %j without quoting it', (text) => {
  expect(() => readXml(text, 'List', 'x List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: `x List: response is not XML (${text.length} characters)`,
    }),
  );
});

test('says that an invalid document is a web page', () => {
  expect(() => readXml('<html><body><hr></body></html>', 'List', 'x List')).toThrow(
    'x List: response is not XML (30 characters): a web page, as from a captive portal or a proxy on the way',
  );
});

test.each([
  ['<html><body>Welcome</body></html>', 'the root element'],
  ['<Response/>', 'the root element'],
  ['<ErrorResponse><RequestId>A</RequestId></ErrorResponse>', 'the root element'],
  ['<GetResponse><RequestId>A</RequestId></GetResponse>', 'the root element'],
  ['<x.ListResponse><RequestId>A</RequestId></x.ListResponse>', 'the root element'],
  ['<ListResponse><a>1</a></ListResponse><Error/>', 'the root element'],
  ['<Error><Message>no code</Message></Error>', 'Error'],
  ['<Error/>', 'Error'],
])('rejects the document %j, which is not a response of Alibaba Cloud', (text, path) => {
  expect(() => readXml(text, 'List', 'x List')).toThrow(
    expect.objectContaining({
      kind: 'malformed',
      message: `x List: unexpected response shape at ${path}`,
    }),
  );
});
