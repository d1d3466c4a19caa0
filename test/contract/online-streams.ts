import type { OnlineStream, OnlineStreamsSource } from '../../src/model/questions.ts';
import { describeList, type ListCase } from './list.ts';

/** Tests the contract of OnlineStreamsSource. */
export function describeOnlineStreams(
  name: string,
  testCase: ListCase<OnlineStreamsSource, OnlineStream>,
): void {
  describeList(`${name}, as a source of live streams`, testCase, (source, app, signal) =>
    source.listOnlineStreams(app, signal),
  );
}
