import { graphPanel } from '../panels.ts';
import { bitrate, fps, minBitrate, minFps, worst } from '../queries.ts';

/** Frame rate and bit rate of the worst streams over time. */
export function degradation() {
  const dashed = [
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
    { id: 'custom.lineWidth', value: 1 },
  ];
  const worstStreams =
    'the ten streams whose quality was degraded longest in the time range of the dashboard';
  return {
    id: 400,
    title: 'Degradation',
    panels: [
      graphPanel({
        id: 401,
        title: 'Frame rate',
        description: `Frames per second of ${worstStreams}. A dashed line is the configured minimum.`,
        unit: 'none',
        queries: [
          ['{{stream}}', `${fps} and ${worst}`],
          ['minimum of {{stream}}', `${minFps} and ${worst}`],
        ],
      })
        .axisLabel('frames/s')
        .overrideByRegexp('^minimum of ', dashed),
      graphPanel({
        id: 402,
        title: 'Bit rate',
        description: `Bits per second of ${worstStreams}. A dashed line is the configured minimum. If bit rate and frame rate fall together, check the network of the encoder. If only one of them falls, check the encoder and its video source.`,
        unit: 'bps',
        queries: [
          ['{{stream}}', `${bitrate} and ${worst}`],
          ['minimum of {{stream}}', `${minBitrate} and ${worst}`],
        ],
      }).overrideByRegexp('^minimum of ', dashed),
    ],
  };
}
