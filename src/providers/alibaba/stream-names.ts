import { withoutPushSecrets } from '../../model/push-secrets.ts';
import { boundText, readWholeText } from '../kit/values.ts';

/** Parts of a stream name. A part that the name does not contain is empty. */
export interface NameParts {
  readonly domain: string;
  readonly appName: string;
  readonly stream: string;
}

/**
 * Reads a stream name of the form `domain/app/stream`, which the names in all recorded responses have; the
 * stream part can contain slashes. Newer documentation shows only the stream. So if `value` has fewer than
 * two slashes, the whole text is the stream. If `value` is not a text, all parts are empty.
 */
export function readStreamName(value: unknown): NameParts {
  // Split the name before its parts are truncated, because each part has a label of its own. Remove secrets
  // before it is split, because they can contain slashes.
  const name = withoutPushSecrets(readWholeText(value) ?? '');
  const first = name.indexOf('/');
  const second = name.indexOf('/', first + 1);
  if (second === -1) return { domain: '', appName: '', stream: boundText(name) };
  return {
    domain: boundText(name.slice(0, first)),
    appName: boundText(name.slice(first + 1, second)),
    stream: boundText(name.slice(second + 1)),
  };
}
