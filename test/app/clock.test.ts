import { expect, test } from 'vitest';
import { startFront } from '../support/front.ts';
import { minute, play, slow, truthOf, valueOfLine } from '../support/wrong-clock.ts';

/** Number of collectors: one of the statistics API, and five of Alibaba, of which two have targets. */
const collectors = 6;
/** Number of collectors with targets. */
const polled = 3;

test.each([
  { how: '10 min ahead', jumpMs: 10 * minute, words: 'about 10 min ahead of' },
  { how: '2 days ahead', jumpMs: 2 * 1440 * minute, words: 'about 2880 min ahead of' },
  { how: '10 min back', jumpMs: -10 * minute, words: 'about 10 min behind' },
])('loses and repeats nothing if the clock jumps $how and is corrected', slow, async (setting) => {
  const { jumpMs, words } = setting;
  await play(async ({ daemon, clock, world, pass, counted }) => {
    await pass(72_000);
    const before = await counted();
    clock.setNow(clock.now() + jumpMs);
    await pass(3 * minute);

    const text = await daemon.scrape();
    expect(await counted()).toEqual(before);
    expect(text).not.toMatch(/^livestream_push_(up|fps|bitrate_bps|info)\{/m);
    const offset = valueOfLine(text, 'livestream_exporter_clock_offset_seconds{account="t"');
    expect(Math.abs(offset - jumpMs / 1000)).toBeLessThan(3);
    expect(text.match(/^livestream_collector_targets_failing\{.*\} 1$/gm)).toHaveLength(polled);
    const said = daemon.log.filter((line) => line.includes('msg="targets started to fail"'));
    expect(said).toHaveLength(polled);
    expect(said.every((line) => line.includes('check the clock') && line.includes(words))).toBe(true);

    clock.setNow(clock.now() - jumpMs);
    await pass(8 * minute);
    expect(await counted()).toEqual(truthOf(world));
    const after = await daemon.scrape();
    expect(valueOfLine(after, 'livestream_push_gap_seconds_total')).toBe(0);
    expect(valueOfLine(after, 'livestream_control_gap_seconds_total')).toBe(0);
    expect(after.match(/^livestream_collector_clock_behind_seconds\{.*\} 0$/gm)).toHaveLength(collectors);
    expect(daemon.log.filter((line) => line.includes('targets no longer fail'))).toHaveLength(polled);
  });
});

test('loses nothing if the clock is corrected during a request', slow, async () => {
  await using front = await startFront();
  await play(
    async ({ clock, world, pass, counted, daemon }) => {
      await pass(72_000);
      const { promise, resolve } = Promise.withResolvers<void>();
      front.held = promise;
      clock.setNow(clock.now() + 10 * minute);
      await pass(6_000);
      clock.setNow(clock.now() - 10 * minute);
      resolve();

      await pass(9 * minute);
      expect(await counted()).toEqual(truthOf(world));
      expect(valueOfLine(await daemon.scrape(), 'livestream_push_gap_seconds_total')).toBe(0);
    },
    { front },
  );
});

test('accepts a clock that is ahead as long as a live stream looks live', slow, async () => {
  await play(
    async ({ daemon, world, pass, counted }) => {
      for (let minutes = 0; minutes < 5; minutes++) {
        await pass(1 * minute);
        const text = await daemon.scrape();
        expect(text).toMatch(/^livestream_push_up\{.*\} 1$/m);
        expect(text.match(/^livestream_collector_targets_failing\{.*\} 0$/gm)).toHaveLength(collectors);
      }
      await pass(6 * minute);
      expect((await counted())[0]).toBe(truthOf(world)[0]);
    },
    { behindMs: 24_000 },
  );
});

test.each([27_000, 35_000, 58_000])(
  'by a clock that is %i ms ahead no live stream is shown as silent: nothing is believed, and that is said',
  slow,
  async (behindMs) => {
    await play(
      async ({ daemon, pass }) => {
        await pass(3 * minute);

        const text = await daemon.scrape();
        expect(text).not.toMatch(/^livestream_push_up\{/m);
        expect(text).toMatch(/^livestream_collector_targets_failing\{account="t",.*\} 1$/m);
        // Actions are none too old by that.
        expect(text).toMatch(/^livestream_collector_targets_failing\{account="a",.*\} 0$/m);
        expect(daemon.log.join('')).toMatch(
          /level=error .*account=t .*check the clock of this host, which is less than a minute ahead of the provider's clock/,
        );
      },
      { behindMs },
    );
  },
);

const short = '{lookback: 15s, stale_after: 15s}';

test.each([
  { by: 'the config', pushStats: short },
  { by: 'a reload', pushStatsAfter: short },
])('rejects a clock skew beyond a short lookback set by $by', slow, async (setting) => {
  await play(async ({ daemon, clock, world, pass, counted }) => {
    await pass(72_000);
    await daemon.app.reload();
    await pass(5_000);
    const [before] = await counted();
    clock.setNow(clock.now() + 40_000);
    await pass(2 * minute);

    expect((await counted())[0]).toBe(before);
    expect(daemon.log.join('')).toContain("which is less than a minute ahead of the provider's clock");

    clock.setNow(clock.now() - 40_000);
    await pass(9 * minute);
    expect((await counted())[0]).toBe(truthOf(world)[0]);
    expect(valueOfLine(await daemon.scrape(), 'livestream_push_gap_seconds_total')).toBe(0);
  }, setting);
});

test.each([
  { how: '5 min behind', behindMs: 5 * minute, words: 'ahead of' },
  { how: '5 min ahead', behindMs: -5 * minute, words: 'behind' },
])('rejects responses of a provider whose clock is $how until it is corrected', slow, async (setting) => {
  const { behindMs, words } = setting;
  await play(
    async ({ daemon, clock, world, pass, counted }) => {
      await pass(3 * minute);

      const text = await daemon.scrape();
      expect(await counted()).toEqual([0, 0]);
      expect(text).not.toMatch(/^livestream_push_up\{/m);
      expect(daemon.log.join('')).toContain(
        `check the clock of this host, which is about 5 min ${words} the provider's clock`,
      );

      // The two agree again, whichever of them was wrong.
      clock.setNow(clock.now() - behindMs);
      await pass(9 * minute);
      const [samples, actions] = await counted();
      const [all, allActions] = truthOf(world);
      // The lookback of actions is longer than all this.
      expect(actions).toBe(allActions);
      // Its start is the start of the daemon, by whichever clock.
      expect(samples).toBe(all);
    },
    { behindMs },
  );
});

test.each([60 * minute, -60 * minute])(
  'counts only the time without config as a gap if a target returns with a clock that is %i ms off',
  slow,
  async (wrongMs) => {
    await play(
      async ({ daemon, clock, world, pass, reload, counted }) => {
        const gaps = async () => {
          const text = await daemon.scrape();
          return [
            valueOfLine(text, 'livestream_push_gap_seconds_total'),
            valueOfLine(text, 'livestream_control_gap_seconds_total'),
          ];
        };
        await pass(72_000);
        await reload(false);
        await pass(2 * minute);
        clock.setNow(clock.now() + wrongMs);
        await reload(true);
        await pass(1 * minute);
        expect(await gaps()).toEqual([0, 0]);
        clock.setNow(clock.now() - wrongMs);
        await pass(8 * minute);

        const [gapSeconds = 0, controlGapSeconds = 0] = await gaps();
        // Two minutes without a question, but for the reach back of 70 s; the last question is up to 5 s old
        // by then.
        expect(gapSeconds).toBeGreaterThanOrEqual(50);
        expect(gapSeconds).toBeLessThanOrEqual(55);
        // For actions that is 90 s, and a question may be 30 s old.
        expect(controlGapSeconds).toBeGreaterThanOrEqual(30);
        expect(controlGapSeconds).toBeLessThanOrEqual(60);
        const [samples, actions] = await counted();
        const [all, allActions] = truthOf(world);
        expect(Math.abs(allActions - (2 * controlGapSeconds) / 7 - actions)).toBeLessThanOrEqual(2);
        expect(Math.abs(all - gapSeconds / 5 - samples)).toBeLessThanOrEqual(1);
        // The config caused the gap, not the retention of the provider.
        expect(daemon.log.join('')).not.toContain('history gap');
        const after = await daemon.scrape();
        expect(after.match(/^livestream_collector_clock_behind_seconds\{.*\} 0$/gm)).toHaveLength(collectors);
      },
      { controlHistory: '{lookback: 1m}' },
    );
  },
);

test.each([1440 * minute, -1440 * minute])(
  'a first start by a clock that is %i ms behind counts no old history once it is set right',
  slow,
  async (wrongMs) => {
    await play(
      async ({ clock, pass, counted, daemon }) => {
        await pass(3 * minute);
        clock.setNow(clock.now() + wrongMs);
        await pass(3 * minute);

        expect(await counted()).toEqual([0, 0]);
        const text = await daemon.scrape();
        expect(text).toMatch(/^livestream_push_up\{.*\} 0$/m);
        expect(valueOfLine(text, 'livestream_push_gap_seconds_total')).toBe(0);
      },
      { behindMs: -wrongMs, toldMs: 120 * minute },
    );
  },
);

test('reports the clock skew if it makes signatures invalid', async () => {
  await play(async ({ daemon, clock, pass }) => {
    // The first calls are on their way at once, signed by the clock as it was.
    await pass(5_000);
    clock.setNow(clock.now() + 20 * minute);
    await pass(1 * minute);

    const text = daemon.log.filter((line) => line.includes('msg="targets started to fail"')).join('');
    expect(text).toMatch(
      /level=error .*account=a .*kind=auth .*InvalidTimeStamp.Expired.*check the clock of this host, which is about 20 min ahead of the provider's clock/,
    );
    expect(text).toMatch(
      /level=error .*account=t .*kind=auth .*check the clock of this host, which is about 20 min ahead/,
    );
  });
});
