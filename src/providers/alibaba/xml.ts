import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { ProviderError } from '../../model/answer.ts';
import { unexpectedShape } from '../kit/json.ts';
import { readFields } from '../kit/values.ts';

/** Keeps every value a string: a value that looks like a number can be a stream name. */
const parser = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // This includes numeric character references, which encode Chinese names.
  htmlEntities: true,
});

/** Reports whether a body is XML. */
export function isXml(text: string): boolean {
  // trimStart also removes a byte order mark.
  return text.trimStart().startsWith('<');
}

/**
 * Parses the content of the root element. The result has the shape of the same response as JSON, with two exceptions: an
 * empty element is '', and a list with one element is that element. Throws `malformed`, without quoting the text, if the
 * document is incomplete or its root is neither `Error` nor the operation name plus `Response`. Source:
 * help.aliyun.com/document_detail/50285.
 */
export function readXml(text: string, context: string): unknown {
  const root = parse(text.trimStart(), context);
  const [only, ...others] = Object.entries(readFields(root) ?? {});
  if (only === undefined || others.length > 0 || !/^(Error|\w+Response)$/.test(only[0])) {
    throw unexpectedShape(context, 'the root element');
  }
  const [name, content] = only;
  // An error without a code would look like a response without records.
  if (name === 'Error' && !readFields(content)?.Code) {
    throw unexpectedShape(context, 'Error');
  }
  return content;
}

function parse(text: string, context: string): unknown {
  try {
    // The parser accepts an incomplete document, so validate first. A DOCTYPE can define expanding entities.
    if (/<!doctype/i.test(text) || XMLValidator.validate(text) !== true) throw new Error('invalid document');
    return parser.parse(text);
  } catch {
    throw new ProviderError('malformed', `${context}: response is not XML (${text.length} characters)`);
  }
}
