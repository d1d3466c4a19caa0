/** Every key of a scenario, wherever it stands. */
const keys = [
  ...[
    'name',
    'description',
    'seed',
    'loop',
    'speed',
    'noise',
    'account',
    'provider',
    'streams',
    'app_id',
    'key',
  ],
  ...['delay', 'rate_limit', 'output', 'empty', 'failures_in', 'time', 'numbers', 'late', 'doubled', 'story'],
  ...[
    'share',
    'by',
    'count',
    'domain',
    'app_name',
    'fps',
    'bitrate',
    'client_ip',
    'server_ip',
    'start',
    'stop',
  ],
  ...['at', 'for', 'silent', 'flapping', 'up', 'down', 'second_publisher', 'answer', 'status'],
  ...['alibaba', 'access_key_id', 'access_key_secret', 'security_token', 'signature', 'format'],
  ...['retry_after', 'retention', 'older_start', 'future_end', 'ends', 'order', 'most_records'],
  ...['no_records', 'one_record', 'stream_name', 'extra_keys', 'default_format'],
  ...['domains', 'app_names', 'stream', 'action', 'every', 'until', 'times'],
];

/** The key that somebody probably meant; undefined when none is near. */
export function nearestWord(typed: string): string | undefined {
  const near = keys
    .map((key) => ({ key, distance: editDistance(typed.toLowerCase(), key) }))
    // A key that is right elsewhere is no advice.
    .filter(({ key, distance }) => key !== typed && distance <= Math.min(2, key.length / 3))
    .toSorted((a, b) => a.distance - b.distance);
  return near[0]?.key;
}

/** How many letters have to be changed, added or left out (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
