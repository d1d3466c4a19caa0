import { graphPanel } from '../panels.ts';
import { bitrate, fps, minBitrate, minFps, worst } from '../queries.ts';

/** The worst streams over time. */
export function howBad() {
  const leastIsDashed = [
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
    { id: 'custom.lineWidth', value: 1 },
  ];
  const ofTheWorst = 'Of the ten streams that were bad for longest in the time shown.';
  return {
    id: 400,
    title: 'How bad, and since when?',
    panels: [
      graphPanel({
        id: 401,
        title: 'Frames per second',
        description: `${ofTheWorst} Dashed: the least that their config allows.`,
        unit: 'none',
        queries: [
          ['{{stream}}', `${fps} and ${worst}`],
          ['least for {{stream}}', `${minFps} and ${worst}`],
        ],
      })
        .axisLabel('frames/s')
        .overrideByRegexp('^least for ', leastIsDashed),
      graphPanel({
        id: 402,
        title: 'Bitrate',
        description: `${ofTheWorst} Dashed: the least that their config allows. With the frames: the network; without them: the picture, or the encoder.`,
        unit: 'bps',
        queries: [
          ['{{stream}}', `${bitrate} and ${worst}`],
          ['least for {{stream}}', `${minBitrate} and ${worst}`],
        ],
      }).overrideByRegexp('^least for ', leastIsDashed),
    ],
  };
}
