import type { ProviderError } from '../../model/answer.ts';
import type { InSlices } from '../../model/slices.ts';
import { unexpectedShape } from '../kit/json.ts';
import { unreadableBody } from '../kit/message.ts';
import { readFields } from '../kit/values.ts';
import { parseXml, parseXmlInSlices } from './xml-parser.ts';

/** Reports whether a response body is XML, that is, starts with `<`. */
export function isXml(text: string): boolean {
  // trimStart removes white space and a byte order mark.
  return text.trimStart().startsWith('<');
}

/**
 * Parses an XML response and returns the content of its root element. The result has the shape of the
 * equivalent JSON response, except that an empty element is '' and a list with one element is the element
 * itself. Throws `malformed`, without quoting the text, if the document is incomplete or if its root element
 * is neither `Error` nor the name of the requested operation followed by `Response`. Source:
 * help.aliyun.com/document_detail/50285.
 */
export function readXml(text: string, operation: string, context: string): unknown {
  const document = parseXml(text.trimStart());
  if (document === undefined) throw notXml(text, context);
  return contentOf(document, operation, context);
}

/** Like `readXml`, but parses the response in slices of the event loop. */
export async function readXmlInSlices(
  text: string,
  operation: string,
  context: string,
  inSlices: InSlices,
): Promise<unknown> {
  const document = await parseXmlInSlices(text.trimStart(), inSlices);
  if (document === undefined) throw notXml(text, context);
  return contentOf(document, operation, context);
}

function notXml(text: string, context: string): ProviderError {
  return unreadableBody(`${context}: response is not XML`, text);
}

/** Returns the content of the root element. */
function contentOf(document: Readonly<Record<string, unknown>>, operation: string, context: string): unknown {
  const [only, ...others] = Object.entries(document);
  if (only === undefined || others.length > 0) throw unexpectedShape(context, 'the root element');
  const [name, content] = only;
  if (name !== 'Error' && name !== `${operation}Response`) throw unexpectedShape(context, 'the root element');
  // Reject an `Error` element without a code: the caller would take it for a response without records.
  if (name === 'Error' && !readFields(content)?.Code) {
    throw unexpectedShape(context, 'Error');
  }
  return content;
}
