import type { InSlices } from '../model/slices.ts';
import type { StreamView } from '../status/stream-view.ts';
import { type Html, html } from './html.ts';
import { ageText, secondsBetween, time } from './quantity.ts';
import { beginAt, shownBegin } from './state-marks.ts';
import { type CellContext, conditionsText, noTroubleText, presentTroubles } from './streams-table.ts';
import { type Column, quiet, table } from './table.ts';

/** Row of the table. */
interface TroubleRow {
  readonly what: string;
  /** ISO 8601; null if it is unknown. */
  readonly from: string | null;
  /** Whether the trouble began at `from`. If false, it can have begun earlier. */
  readonly isExact: boolean;
  /** ISO 8601; undefined while the trouble goes on. */
  readonly to: string | undefined;
  readonly seconds: number | null;
}

/** Time in seconds between a trouble and the newest sample up to which the sample can be part of the trouble. */
const maxDelaySeconds = 60;

/** Renders the troubles of a stream in the last hours, with what is wrong now as the first one. */
export async function streamTroubles(
  stream: StreamView,
  context: CellContext,
  inSlices: InSlices,
): Promise<Html> {
  const { now, words } = context;
  const { text } = words;
  const columns: readonly Column<TroubleRow>[] = [
    { title: text.what, classes: 'wide', cell: ({ what }) => what },
    {
      title: text.begin,
      classes: 'labeled',
      cell: ({ from, isExact }) =>
        from === null ? quiet('–') : html`${!isExact && `${words.sinceAtLeast} `}${time(from, now)}`,
    },
    {
      title: text.end,
      classes: 'labeled',
      cell: ({ to }) => (to === undefined ? html`<strong>${text.ongoing}</strong>` : time(to, now)),
    },
    {
      title: text.badSeconds,
      classes: 'number labeled',
      cell: ({ seconds }) => (seconds === null ? quiet('–') : ageText(seconds, words)),
    },
  ];
  const rows = troubleRows(stream, context);
  const content =
    rows.length === 0
      ? html`<p class="empty">${noTroubleText(stream, context)}</p>`
      : await table({ id: 'troubles', columns, keyOf: ({ from }) => from ?? '' }, rows, inSlices);
  return html`<section class="card"><div class="head"><h2 id="troubles">${text.troubles}</h2><span class="quiet small">${text.troublesNote}</span></div>
${content}</section>`;
}

/**
 * Returns the troubles of a stream, newest first. Those in the view contain a missing time only after its end, and of
 * bad samples those up to the newest one.
 */
function troubleRows(stream: StreamView, { now, words }: CellContext): readonly TroubleRow[] {
  const known = stream.troubles.map(
    ({ kinds, from_at: from, to_at: to, seconds }): TroubleRow => ({
      what: conditionsText(kinds, words),
      from,
      isExact: true,
      to,
      seconds,
    }),
  );
  const what = presentTroubles(stream, words);
  if (what === undefined) return known.toReversed();
  const last = stream.troubles.at(-1);
  if (last !== undefined && goesOn(last, stream)) {
    // Between two breaks, the push is there: only the interruption goes on.
    const before = stream.interrupted_since_at === null ? [] : [words.text.interrupted];
    const whatOf = (row: TroubleRow) => [...before, row.what].join(words.separators.list);
    return known.toReversed().map((row, i) => (i === 0 ? { ...row, what: whatOf(row), to: undefined } : row));
  }
  const {
    state,
    interrupted_since_at: breaksSince,
    interrupted_seconds: breaks,
    forbidden_since_at: ban,
  } = stream;
  const isBad = state === 'missing' || state === 'degraded';
  const since = breaksSince ?? ban;
  const begin = isBad || since === null ? shownBegin(stream, now) : beginAt(since, now);
  const row: TroubleRow = {
    what,
    from: begin.state_since_at,
    isExact: begin.state_since_is_exact,
    to: undefined,
    seconds: isBad ? begin.state_age_seconds : breaks,
  };
  return [row, ...known.toReversed()];
}

/** Reports whether a trouble contains what is wrong with the newest sample, or the breaks of an interrupted push. */
function goesOn({ to_at: to, kinds }: StreamView['troubles'][number], stream: StreamView): boolean {
  const { state, conditions, sample_at: sampleAt, interrupted_since_at: breaksSince } = stream;
  if (state === 'missing') return false;
  if (breaksSince !== null) return to > breaksSince;
  const isNewest = sampleAt !== null && secondsBetween(to, sampleAt) < maxDelaySeconds;
  return isNewest && conditions.some((each) => kinds.includes(each));
}
