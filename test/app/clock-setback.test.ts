import { expect, test } from 'vitest';
import { startFront } from '../support/front.ts';
import { minute, play, slow, truthOf, valueOfLine } from '../support/wrong-clock.ts';

test('loses nothing without a Date header if the clock was a few minutes ahead', slow, async () => {
  await using front = await startFront([], {}, ['date']);
  await play(
    async ({ daemon, clock, world, pass, counted }) => {
      await pass(72_000);
      clock.setNow(clock.now() + 5 * minute);
      await pass(1 * minute);
      clock.setNow(clock.now() - 5 * minute);
      await pass(10 * minute);

      expect(await counted()).toEqual(truthOf(world));
      expect(daemon.log.filter((line) => line.includes('was set back'))).toEqual([]);
    },
    { front },
  );
});

test(
  'waits without a Date header until a clock that was ahead is reached again, and logs it',
  slow,
  async () => {
    await using front = await startFront([], {}, ['date']);
    await play(
      async ({ daemon, clock, world, pass, counted }) => {
        await pass(72_000);
        clock.setNow(clock.now() + 80 * minute);
        await pass(1 * minute);
        const [before] = await counted();
        clock.setNow(clock.now() - 80 * minute);
        await pass(1 * minute);

        expect((await counted())[0]).toBe(before);
        const waiting = await daemon.scrape();
        // The watermark is 79 min ahead by now. The leap looked like an outage, so a window starts 73 min 50
        // s before it.
        const behind = 'livestream_collector_clock_behind_seconds{account="t"';
        expect(valueOfLine(waiting, behind)).toBeGreaterThan(4 * 60);
        expect(valueOfLine(waiting, behind)).toBeLessThan(4.5 * 60);
        // A peek shows the present state.
        expect(waiting).toMatch(/^livestream_push_up\{.*\} 1$/m);
        const logged = () =>
          daemon.log
            .filter((line) => /clock of this host (was set back|has caught up)/.test(line))
            .map(withoutTimes);
        const names = 'account=t operation=Get_LivePushStatHistory';
        const begins = `level=warn msg="clock of this host was set back: the affected targets are not polled until the clock has caught up; check the time synchronization" ${names}`;
        expect(logged()).toEqual([begins]);

        await pass(14 * minute);
        const [samples, actions] = await counted();
        const [all, allActions] = truthOf(world);
        // Missing until the first recheck after an hour: what happened while windows were requested too
        // early.
        expect(samples).toBeLessThan(all);
        expect(samples).toBeGreaterThanOrEqual(all - (80 * 60 - 4430) / 5 - 1);
        // Their lookback is longer than the clock was wrong.
        expect(actions).toBe(allActions);
        const ends = `level=info msg="clock of this host has caught up: all targets are polled again" ${names}`;
        expect(logged()).toEqual([begins, ends]);
        expect(valueOfLine(await daemon.scrape(), behind)).toBe(0);
      },
      { front },
    );
  },
);

function withoutTimes(line: string): string {
  return line
    .trimEnd()
    .replace(/^ts=\S+ /, '')
    .replace(/ until=.*/, '');
}
