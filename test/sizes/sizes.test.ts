import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withGenerated } from '../support/markdown.ts';
import { parseFlags } from './flags.ts';
import { measureSize, type Size, seriesOf } from './measure.ts';
import { toUsage } from './proc.ts';
import { settingsFor, toMarkdown } from './report.ts';

test('reads the numbers of streams in ascending order', () => {
  expect(parseFlags(['--streams=100,10,100', '--seconds=60', '--page=a.md'])).toEqual({
    what: 'run',
    sizes: [10, 100],
    seconds: 60,
    page: 'a.md',
  });
  expect(parseFlags([])).toMatchObject({ sizes: [10, 100, 1000, 10_000], seconds: 240 });
  expect(parseFlags(['--help'])).toEqual({ what: 'help' });
});

test.each([['--streams=0'], ['--streams=ten'], ['--seconds=29'], ['--nonsense']])('rejects %s', (flag) => {
  expect(parseFlags([flag])).toMatchObject({ what: 'unusable' });
});

test('reads the resources of a process whose name contains blanks and parentheses', () => {
  const fields = Array.from({ length: 40 }, (_, i) => String(i));

  expect(
    toUsage({
      status: 'Name:\tnode\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n',
      stat: `7 (a b) c) ${fields.join(' ')}`,
      io: 'rchar: 1\nread_bytes: 2\nwrite_bytes: 4096\ncancelled_write_bytes: 3\n',
    }),
  ).toEqual({ residentBytes: 1024 ** 2, peakBytes: 2 * 1024 ** 2, cpuSeconds: 0.23, writtenBytes: 4096 });
});

test('counts the series of streams, of the account and of the process', () => {
  const lines = [
    'livestream_push_up{account="a",provider="tencent",domain="",app_name="",stream="s"} 1',
    'livestream_push_fps{account="a",provider="tencent",domain="",app_name="",stream="t"} 1',
    'livestream_collector_targets{account="a",provider="tencent",collector="push_stats"} 2',
    'process_open_fds 3',
  ];

  expect(seriesOf(lines, 2)).toEqual({ perStream: 1, perAccount: 1, others: 1 });
});

const size: Size = {
  streams: 1000,
  residentBytes: 180e6,
  maxResidentBytes: 190e6,
  peakBytes: 210e6,
  warmUpSeconds: 61.2,
  cores: 0.03,
  series: 35_271,
  plainBytes: 5_400_000,
  compressedBytes: 150_000,
  scrapeSeconds: 0.02,
  maxScrapeSeconds: 0.06,
  stateBytes: 2_000_000,
  writtenBytesPerSecond: 12_300,
  requestsPerSecond: 18.18,
};

test('derives settings with headroom', () => {
  expect(settingsFor(size)).toEqual({
    streams: '1,000',
    memoryRequest: '192Mi',
    memoryLimit: '512Mi',
    cpuRequest: '50m',
    scrapeTimeout: '5s',
    sampleLimit: '60000',
    bodySizeLimit: '9MB',
    maxScrapeSize: 'default',
  });
  expect(settingsFor({ ...size, plainBytes: 11_300_000 }).maxScrapeSize).toBe('32MiB');
  expect(settingsFor({ ...size, maxScrapeSeconds: 1.2 }).scrapeTimeout).toBe('15s');
});

test('says at how many streams the limit of vmagent is reached', () => {
  const larger = { ...size, streams: 10_000, plainBytes: 54_900_000 };
  const report = { node: 'v24.0.0', cpu: 'test', cores: 2, seconds: 60, load: 0, series: [] };

  // 5.5 kB per stream.
  expect(toMarkdown({ ...report, sizes: [size, larger] })).toContain('that of about 3,000 streams.');
  expect(toMarkdown({ ...report, sizes: [size] })).not.toContain('vmagent');
});

test('replaces only what is between the marker comments', () => {
  const page = 'before\n<!-- sizes -->\nold\n<!-- end of sizes -->\nafter\n';

  expect(withGenerated(page, 'sizes', '\nnew\n')).toBe(
    'before\n<!-- sizes -->\n\nnew\n\n<!-- end of sizes -->\nafter\n',
  );
  expect(() => withGenerated('no markers', 'sizes', 'new')).toThrow('no marker comments for sizes');
});

test('measures a real exporter against the simulator', { timeout: 120_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sizes-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

  const measured = await measureSize({
    main,
    directory,
    api: 'api3',
    streams: 3,
    seconds: 2,
    scrapeEverySeconds: 1,
  });

  expect(measured.streams).toBe(3);
  expect(measured.series).toBeGreaterThan(3 * 30);
  expect(measured.residentBytes).toBeGreaterThan(50e6);
  expect(measured.peakBytes).toBeGreaterThanOrEqual(measured.residentBytes);
  expect(measured.plainBytes).toBeGreaterThan(measured.compressedBytes);
  expect(measured.stateBytes).toBeGreaterThan(0);
});
