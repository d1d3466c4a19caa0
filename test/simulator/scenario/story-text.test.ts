import { expect, test } from 'vitest';
import { toStoryLines } from '../../../src/simulator/scenario/story-text.ts';
import { quietScenario, scenarioOf } from '../support.ts';

test('describes the events of a story in time order', () => {
  const scenario = scenarioOf(`
name: all
provider:
  story:
    - {at: 1m, for: 30s, answer: hang}
    - {at: 2m, answer: 1202, share: 12.5%, rate_limit: 5, delay: 0s}
    - {at: 2m30s, for: 1m, held_until: 5m}
streams:
  - name: news
    start: 10s
    stop: 9m
    story:
      - {at: 30s, for: 45s, fps: 60%, bitrate: 500kbit}
      - {at: 3m, fps: 0, silent: true, flapping: {up: 10s, down: 5s}}
  - name: cam-{n}
    count: 3
    story:
      - {at: 4m, client_ip: 192.0.2.9, server_ip: 198.51.100.9, second_publisher: 203.0.113.9}
      - {at: 5m, video_time: 80%, keyframe_interval: 15s}
  - {name: night, start: never}
`);

  expect(toStoryLines(scenario)).toEqual([
    '0s to 10s         news: not pushed yet',
    '0s and later      night: never pushed',
    '30s to 1m15s      news: fps 60%, bit rate 500kbit',
    '1m to 1m30s       API: hang for all requests',
    '2m and later      API: 1202 for 12.5% of the requests, 5 requests per second, samples 0s late',
    '2m30s to 3m30s    API: samples held until 5m',
    '3m and later      news: fps 0, no samples, flapping, 5s down, 10s up',
    '4m and later      cam-{n} (3 streams): pushed from 192.0.2.9, received by 198.51.100.9, also pushed from 203.0.113.9',
    '5m and later      cam-{n} (3 streams): video time 80%, keyframe interval 15s',
    '9m and later      news: stopped',
  ]);
});

test('describes single and repeated control actions', () => {
  const scenario = scenarioOf(`
name: told
alibaba:
  story:
    - {at: 1m, for: 30s, answer: Throttling.User, status: 429, share: 50%}
    - {at: 2m, rate_limit: 5, delay: 90s}
domains:
  - name: play.example.com
    story:
      - {at: 30s, stream: cam1, action: forbid}
      - {at: 1m30s, stream: cam1, action: resume, times: 2, late: 40s}
      - {at: 3m, every: 10s, until: 4m, stream: 'cam-{n}', count: 3, action: forbid, client_ip: none}
      - {at: 5m, every: 1m, stream: cam1, action: forbid}
`);

  expect(toStoryLines(scenario)).toEqual([
    '30s               play.example.com/live/cam1: forbid',
    "1m to 1m30s       Alibaba's API: Throttling.User with HTTP 429 for 50% of the requests",
    '1m30s             play.example.com/live/cam1: resume, 2 times in one second, 40s late',
    "2m and later      Alibaba's API: 5 requests per second, actions 1m30s late",
    '3m to 4m          play.example.com/live/cam-{n}: forbid, 3 streams, every 10s, without a client',
    '5m and later      play.example.com/live/cam1: forbid, every 1m',
  ]);
});

test('returns no lines for a scenario without events', () => {
  expect(toStoryLines(quietScenario())).toEqual([]);
});
