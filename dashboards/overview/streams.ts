import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { colors, tablePanel } from '../panels.ts';
import {
  badShareByStream,
  bitrate,
  byStream,
  fps,
  meanBitrate,
  meanFps,
  ofStreams,
  state,
} from '../queries.ts';

/** Table of all streams, the worst first. */
export function streams() {
  const panel = tablePanel({
    id: 301,
    title: 'Streams, worst first',
    description:
      'One row per stream. The means are over the time range. Click the name of a stream to show only this stream in the dashboard.',
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
      ['Bad or missing time', byStream(badShareByStream)],
      ['Frame rate', byStream(fps)],
      ['Mean frame rate', byStream(meanFps)],
      ['Expected frame rate', byStream(ofStreams('livestream_push_expected_fps'))],
      ['Bit rate', byStream(bitrate)],
      ['Mean bit rate', byStream(meanBitrate)],
      ['Expected bit rate', byStream(ofStreams('livestream_push_expected_bitrate_bps'))],
      ['Sample age', byStream(`time() - ${ofStreams('livestream_push_sample_timestamp_seconds')}`)],
    ],
  })
    .sortBy([
      new common.TableSortByFieldStateBuilder().displayName('State').desc(true),
      new common.TableSortByFieldStateBuilder().displayName('Bad or missing time').desc(true),
    ])
    .overrideByName('State', [
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
      { id: 'mappings', value: [stateNames] },
    ])
    .overrideByName('Bad or missing time', [{ id: 'unit', value: 'percentunit' }])
    .overrideByName('Bit rate', [{ id: 'unit', value: 'bps' }])
    .overrideByName('Mean bit rate', [{ id: 'unit', value: 'bps' }])
    .overrideByName('Expected bit rate', [{ id: 'unit', value: 'bps' }])
    .overrideByName('Sample age', [{ id: 'unit', value: 's' }])
    .overrideByName('Stream', [{ id: 'links', value: [filterLink] }]);
  return { id: 300, title: 'Streams', panels: [panel] };
}

const stateNames: dashboard.ValueMap = {
  type: dashboard.MappingType.ValueToText,
  options: {
    '2': { text: 'missing', color: colors.critical, index: 0 },
    '1': { text: 'degraded', color: colors.warning, index: 1 },
    '0': { text: 'ok', color: colors.ok, index: 2 },
    '-1': { text: 'not pushed', color: colors.none, index: 3 },
  },
};

const filterLink = {
  title: 'Show only this stream',
  url: '/d/livestream-overview?var-datasource=${datasource}&var-account=${__data.fields.Account:percentencode}&var-provider=${__data.fields.Provider:percentencode}&var-domain=${__data.fields.Domain:percentencode}&var-stream=${__data.fields.Stream:percentencode}&${__url_time_range}',
};
