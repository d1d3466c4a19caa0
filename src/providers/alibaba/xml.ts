import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { ProviderError } from '../../model/answer.ts';
import { readFields } from '../kit/read.ts';

/** Every value stays a text: what looks like a number may be the name of a stream. */
const parser = new XMLParser({
  parseTagValue: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Among them the numeric ones, without which a name in Chinese may stay spelled out.
  htmlEntities: true,
});

export function isXml(text: string): boolean {
  // A byte order mark counts as a blank here.
  return text.trimStart().startsWith('<');
}

/**
 * What stands in the root element, in the shape that the same answer has as JSON, but for two things: an empty element
 * is an empty text, and a list of one is that one. Throws `malformed`, without a word of the text, when it is no whole
 * document or its root is neither `Error` nor the operation's name with `Response`
 * (help.aliyun.com/document_detail/50285).
 */
export function readXml(text: string, context: string): unknown {
  const root = parse(text.trimStart(), context);
  const [only, ...others] = Object.entries(readFields(root) ?? {});
  if (only === undefined || others.length > 0 || !/^(Error|\w+Response)$/.test(only[0])) {
    throw new ProviderError('malformed', `${context}: the answer has an unknown form at the root`);
  }
  const [name, content] = only;
  // Else an error without a code would look like an answer without records.
  if (name === 'Error' && !readFields(content)?.Code) {
    throw new ProviderError('malformed', `${context}: the answer has an unknown form at Error`);
  }
  return content;
}

function parse(text: string, context: string): unknown {
  try {
    // The parser takes half a document for a whole one. A document type is the way to entities that grow.
    if (/<!doctype/i.test(text) || XMLValidator.validate(text) !== true) throw new Error('no whole document');
    return parser.parse(text);
  } catch {
    throw new ProviderError('malformed', `${context}: the answer is not XML (${text.length} characters)`);
  }
}
