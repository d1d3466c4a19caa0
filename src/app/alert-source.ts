import { streamKey } from '../model/stream.ts';
import type { StreamAlert } from '../model/stream-alert.ts';
import { pushTargetKeyOf } from '../model/target.ts';
import type { AccountInput } from '../status/inputs.ts';
import { streamPath } from '../status/url-key.ts';

/**
 * Creates the function that returns the URL of the page about an alert: that of its stream, or the list of the
 * forbidden streams if the stream has no page, because only its control actions are known. Returns undefined if the
 * URL of the exporter is unknown.
 */
export function createAlertSource(
  externalUrl: string | undefined,
  accounts: () => Iterable<Pick<AccountInput, 'collectors'>>,
): ((alert: Pick<StreamAlert, 'stream'>) => string) | undefined {
  if (externalUrl === undefined) return undefined;
  const hasPage = (key: string) =>
    [...accounts()].some(({ collectors }) =>
      collectors.some(
        ({ question, statusOf }) =>
          question === 'push_stats' && statusOf(pushTargetKeyOf(key))?.stream !== undefined,
      ),
    );
  return ({ stream }) => {
    const key = streamKey(stream);
    return `${externalUrl}/${hasPage(key) ? streamPath(key) : '#forbidden'}`;
  };
}
