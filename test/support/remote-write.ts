/** The value with which Prometheus marks the end of a series. Source: Prometheus, model/value, `StaleNaN`. */
export const staleMarker = Symbol('stale');

/**
 * Writes samples into a Prometheus that was started with `--web.enable-remote-write-receiver`. So a test has
 * an hour of history at once. Source: Prometheus Remote-Write 1.0 (protobuf messages, snappy block format).
 */
export async function remoteWrite(prometheusUrl: string, series: readonly EncodedSeries[]): Promise<void> {
  const response = await fetch(`${prometheusUrl}/api/v1/write`, {
    method: 'POST',
    headers: {
      'content-encoding': 'snappy',
      'content-type': 'application/x-protobuf',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: asSnappy(Buffer.concat(series.map(({ bytes }) => bytes))),
  });
  if (!response.ok) throw new Error(`remote write: ${response.status} ${await response.text()}`);
}

export interface EncodedSeries {
  readonly bytes: Buffer;
}

/** Encodes the value of each time; the series has no sample where the value is undefined. */
export function encodeSeries(
  labels: Readonly<Record<string, string>>,
  times: readonly number[],
  values: readonly (number | typeof staleMarker | undefined)[],
): EncodedSeries {
  const parts: Buffer[] = Object.keys(labels)
    .filter((name) => labels[name] !== '')
    .sort()
    .map((name) => message(1, Buffer.concat([text(1, name), text(2, labels[name] ?? '')])));
  for (const [i, time] of times.entries()) {
    const value = values[i];
    if (value !== undefined) parts.push(sample(time, value));
  }
  return { bytes: message(1, Buffer.concat(parts)) };
}

/** A sample, with its tag: field 2 of a time series. */
function sample(timeMs: number, value: number | typeof staleMarker): Buffer {
  const time = varint(timeMs);
  const bytes = Buffer.alloc(2 + 9 + 1 + time.length);
  bytes[0] = 0x12;
  bytes[1] = 9 + 1 + time.length;
  bytes[2] = 0x09;
  if (value === staleMarker) bytes.writeBigUInt64LE(0x7ff0000000000002n, 3);
  else bytes.writeDoubleLE(value, 3);
  bytes[11] = 0x10;
  time.copy(bytes, 12);
  return bytes;
}

function message(field: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2]), varint(body.length), body]);
}

function text(field: number, value: string): Buffer {
  return message(field, Buffer.from(value));
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** The block format with one literal: valid, and not smaller than its content. */
function asSnappy(content: Buffer): Buffer {
  const length = Buffer.alloc(5);
  length[0] = 63 << 2;
  length.writeUInt32LE(content.length - 1, 1);
  return Buffer.concat([varint(content.length), length, content]);
}
