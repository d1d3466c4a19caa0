import type { Condition } from '../../model/expectation.ts';
import type { Media, PushTotals } from '../../model/push-totals.ts';
import type { RowId } from '../table/series-table.ts';

/**
 * Totals of the optional counters of a stream, in ms. The total of a media is undefined as long as the provider
 * has not reported the value.
 */
export type OptionalTotals = Readonly<Record<Condition, number> & Record<Media, number | undefined>>;

/** Part of the totals of a ledger that is stored. */
type StoredTotals = Pick<PushTotals, 'degradedMs' | 'mediaMs'>;

/** Index of each total in the numbers of a row. */
const columns: Readonly<Record<keyof OptionalTotals, number>> = {
  low_fps: 0,
  no_video: 1,
  low_bitrate: 2,
  video_stall: 3,
  video: 4,
  audio: 5,
};
const width = Object.keys(columns).length;

/** Factor by which the memory grows when it is full. */
const growth = 1.25;

/**
 * Creates the memory of the optional totals, by table row. An object per stream would take three times as much
 * memory, because V8 stores each large number of an object as an object of its own.
 */
export function createOptionalTotals() {
  /** NaN is an unknown total. All numbers of a row without totals are NaN. */
  let numbers = new Float64Array(0);

  const numberAt = (row: RowId, total: keyof OptionalTotals) =>
    numbers[row * width + columns[total]] ?? Number.NaN;

  const mediaAt = (row: RowId, media: Media): number | undefined => {
    const ms = numberAt(row, media);
    return Number.isNaN(ms) ? undefined : ms;
  };

  const grow = (row: RowId) => {
    const length = (row + 1) * width;
    if (length <= numbers.length) return;
    const larger = new Float64Array(Math.ceil((row + 1) * growth) * width).fill(Number.NaN);
    larger.set(numbers);
    numbers = larger;
  };

  return {
    /** Returns the totals of a row; undefined if it has none. */
    get(row: RowId): OptionalTotals | undefined {
      const low_fps = numberAt(row, 'low_fps');
      if (Number.isNaN(low_fps)) return undefined;
      return {
        low_fps,
        no_video: numberAt(row, 'no_video'),
        low_bitrate: numberAt(row, 'low_bitrate'),
        video_stall: numberAt(row, 'video_stall'),
        video: mediaAt(row, 'video'),
        audio: mediaAt(row, 'audio'),
      };
    },
    /** Reports whether the totals of a row are equal to these totals. */
    isSame(row: RowId, { degradedMs, mediaMs }: StoredTotals): boolean {
      const { video = Number.NaN, audio = Number.NaN } = mediaMs;
      return (
        numberAt(row, 'low_fps') === degradedMs.low_fps &&
        numberAt(row, 'no_video') === degradedMs.no_video &&
        numberAt(row, 'low_bitrate') === degradedMs.low_bitrate &&
        numberAt(row, 'video_stall') === degradedMs.video_stall &&
        Object.is(numberAt(row, 'video'), video) &&
        Object.is(numberAt(row, 'audio'), audio)
      );
    },
    set(row: RowId, { degradedMs, mediaMs }: StoredTotals): void {
      grow(row);
      const start = row * width;
      numbers[start + columns.low_fps] = degradedMs.low_fps;
      numbers[start + columns.no_video] = degradedMs.no_video;
      numbers[start + columns.low_bitrate] = degradedMs.low_bitrate;
      numbers[start + columns.video_stall] = degradedMs.video_stall;
      numbers[start + columns.video] = mediaMs.video ?? Number.NaN;
      numbers[start + columns.audio] = mediaMs.audio ?? Number.NaN;
    },
    /** Removes the totals of a row. */
    remove: (row: RowId) => void numbers.fill(Number.NaN, row * width, (row + 1) * width),
  };
}
