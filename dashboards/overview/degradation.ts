import { graphPanel } from '../panels.ts';
import { bitrate, fps, minBitrate, minFps, worst } from '../queries.ts';

/** Frame rate and bit rate of the worst streams over time. */
export function degradation() {
  const dashed = [
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
    { id: 'custom.lineWidth', value: 1 },
  ];
  const worstStreams = 'the ten streams with the most bad seconds in the time range';
  return {
    id: 400,
    title: 'Degradation',
    panels: [
      graphPanel({
        id: 401,
        title: 'Frame rate',
        description: `Frame rate of ${worstStreams}. Dashed: the configured minimum.`,
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
        description: `Bit rate of ${worstStreams}. Dashed: the configured minimum. If it falls together with the frame rate, suspect the network; if only one of them falls, suspect the encoder or the source.`,
        unit: 'bps',
        queries: [
          ['{{stream}}', `${bitrate} and ${worst}`],
          ['minimum of {{stream}}', `${minBitrate} and ${worst}`],
        ],
      }).overrideByRegexp('^minimum of ', dashed),
    ],
  };
}
