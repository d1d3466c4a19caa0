import type { Format } from '../table/text-format.ts';
import type { Encoding } from './exposition.ts';

/** OpenMetrics where the Accept header names it and likes it best, otherwise text 0.0.4, whatever the header says. */
export function chooseFormat(accept: string | undefined): Format {
  const ranges = parseRanges(accept);
  const openMetrics = mostSpecific(ranges.filter(isOpenMetrics));
  const text = mostSpecific(ranges.filter(isText));
  if (openMetrics === undefined) return 'text';
  if (text === undefined || openMetrics.quality > text.quality) return 'openmetrics';
  // Liked equally, the one named first.
  return openMetrics.quality === text.quality && ranges.indexOf(openMetrics) < ranges.indexOf(text)
    ? 'openmetrics'
    : 'text';
}

/** gzip where the Accept-Encoding header allows it and does not like the plain text better. */
export function chooseEncoding(acceptEncoding: string | undefined): Encoding {
  const ranges = parseRanges(acceptEncoding);
  const qualityOf = (wanted: string) => ranges.find(({ name }) => name === wanted)?.quality;
  // By the name that is sent, before its old one.
  const gzip = qualityOf('gzip') ?? qualityOf('x-gzip') ?? qualityOf('*') ?? 0;
  const identity = qualityOf('identity') ?? 0;
  return gzip > 0 && gzip >= identity ? 'gzip' : 'identity';
}

/** One of the alternatives of a header such as Accept. */
interface Range {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** From 0, not acceptable, to 1. */
  readonly quality: number;
}

/** Alternatives that can't be read are left out. */
function parseRanges(header: string | undefined): readonly Range[] {
  return (header ?? '').split(',').flatMap((text) => {
    const [name = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
    const parameters = new Map(
      rest.map((part): [string, string] => {
        const [key = '', value = ''] = part.split('=', 2).map((side) => side.trim());
        return [key, value.replace(/^"(.*)"$/, '$1')];
      }),
    );
    const quality = parseQuality(parameters.get('q'));
    return name === '' || quality === undefined ? [] : [{ name, parameters, quality }];
  });
}

function parseQuality(text: string | undefined): number | undefined {
  if (text === undefined) return 1;
  return /^(0(\.\d*)?|1(\.0*)?|\.\d+)$/.test(text) ? Number(text) : undefined;
}

/** 0.0.1 is what 1.0.0 was called while it was a draft. */
function isOpenMetrics({ name, parameters }: Range): boolean {
  return (
    name === 'application/openmetrics-text' &&
    ['1.0.0', '0.0.1', ''].includes(parameters.get('version') ?? '')
  );
}

/** text/plain 1.0.0 is not text 0.0.4: its names may be quoted. */
function isText({ name, parameters }: Range): boolean {
  if (name === 'text/plain') return ['0.0.4', ''].includes(parameters.get('version') ?? '');
  return name === 'text/*' || name === '*/*';
}

/** A range says nothing about what a more specific one names; of equally specific ones the best liked. undefined: not acceptable. */
function mostSpecific(ranges: readonly Range[]): Range | undefined {
  const most = Math.max(...ranges.map(specificity));
  let found: Range | undefined;
  for (const range of ranges) {
    if (specificity(range) === most && range.quality > (found?.quality ?? 0)) found = range;
  }
  return found;
}

function specificity({ name, parameters }: Range): number {
  if (name === '*/*') return 0;
  if (name.endsWith('/*')) return 1;
  return parameters.has('version') ? 3 : 2;
}
