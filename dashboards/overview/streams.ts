import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { colors, tablePanel } from '../panels.ts';
import { bitrate, byStream, fps, ofStreams, state, troubleByStream } from '../queries.ts';

/** Every stream, worst first. */
export function whichStream() {
  const panel = tablePanel({
    id: 301,
    title: 'Streams, worst first',
    description: 'One row for each stream. The name of a stream narrows this dashboard to it.',
    unit: 'none',
    labels: {
      stream: 'Stream',
      account: 'Account',
      provider: 'Provider',
      domain: 'Domain',
      app_name: 'App name',
    },
    columns: [
      ['State', byStream(state)],
      ['Time in trouble', byStream(troubleByStream)],
      ['Frames/s', byStream(fps)],
      ['Frames/s expected', byStream(ofStreams('livestream_push_expected_fps'))],
      ['Bitrate', byStream(bitrate)],
      ['Bitrate expected', byStream(ofStreams('livestream_push_expected_bitrate_bps'))],
      ['Age of newest sample', byStream(`time() - ${ofStreams('livestream_push_sample_timestamp_seconds')}`)],
    ],
  })
    .sortBy([
      new common.TableSortByFieldStateBuilder().displayName('State').desc(true),
      new common.TableSortByFieldStateBuilder().displayName('Time in trouble').desc(true),
    ])
    .overrideByName('State', [
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
      { id: 'mappings', value: [stateNames] },
    ])
    .overrideByName('Time in trouble', [{ id: 'unit', value: 'percentunit' }])
    .overrideByName('Bitrate', [{ id: 'unit', value: 'bps' }])
    .overrideByName('Bitrate expected', [{ id: 'unit', value: 'bps' }])
    .overrideByName('Age of newest sample', [{ id: 'unit', value: 's' }])
    .overrideByName('Stream', [{ id: 'links', value: [narrowTo] }]);
  return { id: 300, title: 'Which stream?', panels: [panel] };
}

const stateNames: dashboard.ValueMap = {
  type: dashboard.MappingType.ValueToText,
  options: {
    '2': { text: 'missing', color: colors.critical, index: 0 },
    '1': { text: 'degraded', color: colors.warning, index: 1 },
    '0': { text: 'well', color: colors.well, index: 2 },
    '-1': { text: 'not pushed', color: colors.none, index: 3 },
  },
};

const narrowTo = {
  title: 'Only this stream',
  url: '/d/livestream-overview?var-datasource=${datasource}&var-account=${__data.fields.Account:percentencode}&var-provider=${__data.fields.Provider:percentencode}&var-domain=${__data.fields.Domain:percentencode}&var-stream=${__data.fields.Stream:percentencode}&${__url_time_range}',
};
