import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mediaFamilies } from '../../src/metrics/push/push-families.ts';
import { metricsIn } from '../support/known-metrics.ts';

/** Returns the values of a family, in the order of the config. */
export function valuesOf(text: string, family: string, stream = ''): readonly number[] {
  const lines = text.split('\n').filter((line) => line.startsWith(`${family}{`) && line.includes(stream));
  return lines.map((line) => Number(line.split(' ')[1]));
}

/**
 * Returns the push series that all routes have, without values. Only API 3.0 reports media, and so stalls of
 * it.
 */
export function seriesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('livestream_push_') && !isOnlyOfApi3(line.slice(0, line.indexOf('{'))))
    .filter((line) => !line.includes('condition="video_stall"'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')))
    .map((line) =>
      line.replace(/(push_domain|resolution|video_codec|audio_codec|server_ip)="[^"]*"/g, '$1=""'),
    )
    .toSorted();
}

/**
 * Returns the push families that the shipped rules and dashboards use, except those that only API 3.0
 * reports.
 */
export function usedFamilies(): readonly string[] {
  const files = ['config/rules', 'dashboards'].flatMap((path) =>
    readdirSync(path)
      .filter((name) => /\.(yml|json)$/.test(name))
      .map((name) => readFileSync(join(path, name), 'utf8')),
  );
  return [...new Set(files.flatMap(metricsIn))].filter(
    (name) => name.startsWith('livestream_push_') && !isOnlyOfApi3(name),
  );
}

/**
 * Families that only API 3.0 reports, beside those of the newest sample. The ends of pushes are part of the
 * control history.
 */
const others = [
  'livestream_push_media_seconds_total',
  'livestream_push_start_timestamp_seconds',
  'livestream_push_last_end_timestamp_seconds',
];

/** Reports whether only API 3.0 reports a family. */
function isOnlyOfApi3(family: string): boolean {
  return others.includes(family) || mediaFamilies.some(({ name }) => name === family);
}
