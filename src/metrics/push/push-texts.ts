import type { Family } from '../table/family.ts';

/** Names of the identity labels of a stream. */
const stream = ['account', 'provider', 'domain', 'app_name', 'stream'] as const;

/**
 * For each kind of label text, the names of the labels in it. A label text is the string of rendered labels
 * (`a="x",b="y"`) of one stream. The text `streamInfo` also contains the labels from the config.
 */
export const streamTexts = {
  stream,
  publisher: [...stream, 'client_ip'],
  pushInfo: [
    ...stream,
    ...['client_ip', 'server_ip', 'push_domain', 'resolution', 'video_codec', 'audio_codec'],
  ],
  streamInfo: stream,
  pushEnd: [...stream, 'reason'],
} as const;

/** Family of the streams, whose values are read from a `Source`. */
export type StreamFamily<Source> = Family<Source, keyof typeof streamTexts>;
