import Negotiator from 'negotiator';
import type { Format } from '../table/text-format.ts';
import type { Encoding } from './exposition.ts';

const textType = 'text/plain;version=0.0.4';
const openMetricsType = 'application/openmetrics-text;version=1.0.0';

/**
 * Returns OpenMetrics if the Accept header names it and does not prefer text. Otherwise returns text 0.0.4,
 * even if the header excludes it. `text/plain;version=1.0.0` is another format, since its names can be
 * quoted.
 */
export function chooseFormat(accept = ''): Format {
  if (!/openmetrics-text/i.test(accept)) return 'text';
  const ranges = accept.split(',').filter(hasValidQuality).map(withoutVariants);
  const { mediaType } = negotiate({ accept: ranges.join() });
  return mediaType === openMetricsType ? 'openmetrics' : 'text';
}

/** Returns gzip if the Accept-Encoding header allows it and does not prefer identity. */
export function chooseEncoding(acceptEncoding = ''): Encoding {
  // x-gzip is the old name of gzip (RFC 9110, section 8.4.1.3); the current name takes precedence.
  const header = /(?<!x-)gzip/i.test(acceptEncoding)
    ? acceptEncoding
    : acceptEncoding.replace(/x-gzip/i, 'gzip');
  return negotiate({ 'accept-encoding': header }).encoding === 'gzip' ? 'gzip' : 'identity';
}

function negotiate(headers: Record<string, string>) {
  const negotiator = new Negotiator({ headers });
  return {
    mediaType: negotiator.mediaType([textType, openMetricsType]),
    encoding: negotiator.encoding(['gzip', 'identity']),
  };
}

/** negotiator accepts any number. A range without a quality has quality 1. */
function hasValidQuality(range: string): boolean {
  const [, quality = '1'] = /;\s*q=([^;]*)/i.exec(range) ?? [];
  return Number(quality) <= 1;
}

/**
 * Removes parameters that do not change the response: name escaping, and 0.0.1, the draft version of
 * OpenMetrics 1.0.0.
 */
function withoutVariants(range: string): string {
  return range
    .replace(/;\s*escaping=[^;]*/i, '')
    .replace(/(openmetrics-text\s*;\s*version=)"?0\.0\.1"?/i, '$11.0.0');
}
