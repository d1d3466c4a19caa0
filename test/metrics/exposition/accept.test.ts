import { expect, test } from 'vitest';
import { chooseEncoding, chooseFormat } from '../../../src/metrics/exposition/accept.ts';

const prometheus2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
const prometheus3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const withProtobuf = `application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,${prometheus3}`;

test.each([
  [prometheus2],
  [prometheus3],
  [withProtobuf],
  ['application/openmetrics-text'],
  ['application/openmetrics-text; version=0.0.1'],
  ['Application/OpenMetrics-Text; Version="1.0.0"; Q=1.0'],
  ['application/openmetrics-text, text/plain'],
  ['text/plain; version=1.0.0, application/openmetrics-text; q=0.1'],
  ['text/plain;q=0, application/openmetrics-text;q=0.001'],
  ['application/openmetrics-text;q=0.5, text/plain;q=0.1, */*;q=0.9'],
  ['application/openmetrics-text;q=0.5, text/*;q=0.1, */*;q=0.9'],
  ['application/openmetrics-text;q=0.5, text/plain;q=0.1, text/*'],
  ['application/openmetrics-text;q=0.5, text/plain;version=0.0.4;q=0.1, text/plain'],
  ['application/openmetrics-text;q=0.5, text/plain;q=0, */*'],
])('chooses OpenMetrics for %s', (accept) => {
  expect(chooseFormat(accept)).toBe('openmetrics');
});

test.each([
  [undefined],
  [''],
  ['*/*'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['text/plain;version=0.0.4;q=1,*/*;q=0.1'],
  ['text/plain, application/openmetrics-text'],
  ['application/openmetrics-text;q=0.5, text/plain'],
  ['application/openmetrics-text;q=0.5, */*;q=0.8'],
  ['application/openmetrics-text;q=0'],
  ['application/openmetrics-text;version=1.0.0;q=0.1, application/openmetrics-text, text/plain;q=0.5'],
  ['application/openmetrics-text;q=0.5, text/plain;version=1.0.0;q=0.1, */*;q=0.9'],
  ['application/openmetrics-text;q=2'],
  ['application/openmetrics-text;version=2.0.0'],
  ['application/*'],
  [';;;,=,q=1;q,"'],
])('chooses text for %s', (accept) => {
  expect(chooseFormat(accept)).toBe('text');
});

test.each([
  ['gzip', 'gzip'],
  ['GZIP;q=0.1', 'gzip'],
  ['x-gzip', 'gzip'],
  ['x-gzip;q=0, gzip', 'gzip'],
  ['gzip;q=0, x-gzip', 'identity'],
  ['x-gzip;q=0, *', 'identity'],
  ['deflate, gzip;q=1.0, *;q=0.5', 'gzip'],
  ['gzip, identity', 'gzip'],
  ['*', 'gzip'],
  [undefined, 'identity'],
  ['', 'identity'],
  ['br, zstd', 'identity'],
  ['gzip;q=0', 'identity'],
  ['gzip;q=0, *', 'identity'],
  ['gzip;q=0.5, identity;q=0.8', 'identity'],
  ['*;q=0', 'identity'],
  ['identity;q=0', 'identity'],
])('chooses for the encodings %s: %s', (acceptEncoding, encoding) => {
  expect(chooseEncoding(acceptEncoding)).toBe(encoding);
});
