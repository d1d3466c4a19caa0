import * as z from 'zod';
import { hasPushSecret } from '../../model/push-secrets.ts';
import { isAccessKeyId } from '../../text/secret-like.ts';
import { invisibleIn, type Wrapping, wrappingOf } from '../../text/wrapped.ts';

/** Returns a schema for a text that becomes the value of a metric label, such as the name of a stream. */
export function label() {
  return optionalLabel().min(1);
}

/** Returns a schema for a text like `label`, which can be empty. */
export function optionalLabel() {
  return textWithout(255, nameProblem);
}

/** Returns a schema for the name of an account. */
export function accountName() {
  return textWithout(255, (text) =>
    isAccessKeyId(text)
      ? 'is an access key ID, which would be visible in metrics and logs; choose a name for the account'
      : nameProblem(text),
  ).min(1);
}

/** Returns a schema for the value of an additional label of a stream. */
function labelValue() {
  return textWithout(1024, (text) => (hasPushSecret(text) ? pushSecret : undefined));
}

/** Returns a schema for the additional labels of streams. */
export function labels() {
  return z
    .record(z.string(), labelValue())
    .default({})
    .describe('Your own labels on livestream_stream_info, for routing and joins.');
}

/** Returns a schema for the path of a file. */
export function filePath() {
  return textWithout(4096, invisibleProblem).min(1).meta({ $comment: 'path of a file' });
}

/** Returns a schema for a text of at most `maxLength` characters for which `problemOf` returns undefined. */
function textWithout(maxLength: number, problemOf: (text: string) => string | undefined) {
  return z
    .string()
    .max(maxLength)
    .superRefine((text, context) => {
      const message = problemOf(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    });
}

/** Returns the reason why a text cannot be a name; undefined if it can. It never quotes the text. */
function nameProblem(text: string): string | undefined {
  if (/^[\w.-]*$/.test(text)) return undefined;
  if (hasPushSecret(text)) return `${pushSecret}, and write only the name`;
  if (text.includes('://')) return 'expected only the name, not a whole URL';
  const invisible = invisibleProblem(text);
  if (invisible !== undefined) return invisible;
  const wrapping = wrappingOf(text);
  return wrapping && wrappingTexts[wrapping];
}

/**
 * Returns the reason why a text that people compare by eye cannot be used: an invisible character makes it
 * another text.
 */
function invisibleProblem(text: string): string | undefined {
  const invisible = invisibleIn(text);
  return invisible && `contains an invisible character (${invisible}); type the name again`;
}

const wrappingTexts: Readonly<Record<Wrapping, string>> = {
  blank: 'starts or ends with a blank; remove it',
  quote: 'starts or ends with a quote; remove the quotes',
  placeholder: 'is a placeholder that was not replaced; write the name itself',
};

const pushSecret =
  'contains a secret of a push URL, such as txSecret or auth_key, with which anybody can push the stream; remove all parameters';
