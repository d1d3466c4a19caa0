import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { checkHealthyHours } from './healthy-hours-check.ts';

/*
 * npm run healthy-hours -- [--hours N]: simulates N stream-hours (default 1000) of healthy streams, and
 * checks that no alert fires. Needs promtool on the PATH. Exit code: 0 if none fires, 1 if one does, 2 for
 * invalid flags or a missing promtool.
 */
const { values } = parseArgs({ options: { hours: { type: 'string', default: '1000' } } });

/** Streams and hours of one part: promtool keeps all their series in memory. */
const part = { streams: 50, hours: 2 };
const parts = Math.ceil(Number(values.hours) / (part.streams * part.hours));

if (!/^\d{1,6}$/.test(values.hours) || parts === 0) {
  process.stderr.write(`healthy-hours: --hours: expected a whole number above 0, got "${values.hours}"\n`);
  process.exitCode = 2;
} else if (spawnSync('promtool', ['--version']).error !== undefined) {
  process.stderr.write('healthy-hours: promtool not found on the PATH; install Prometheus\n');
  process.exitCode = 2;
} else {
  const startedAt = performance.now();
  let alerting = 0;
  for (let seed = 1; seed <= parts; seed++) {
    const problem = await checkHealthyHours({ ...part, seed });
    if (problem !== '') {
      alerting++;
      process.stdout.write(`${problem}\n`);
    }
    process.stderr.write(`healthy-hours: ${seed * part.streams * part.hours} stream-hours\n`);
  }
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  process.stdout.write(
    `${parts * part.streams * part.hours} healthy stream-hours in ${seconds} s: ` +
      `${alerting === 0 ? '0 alerts' : `alerts in ${alerting} of ${parts} parts`}\n`,
  );
  process.exitCode = alerting === 0 ? 0 : 1;
}
