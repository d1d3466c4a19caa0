import { type Html, html } from './html.ts';
import { icon } from './icon.ts';
import { ageText, bitRateText, fpsText } from './quantity.ts';
import { type SparkPoint, sparkline } from './sparkline.ts';

/** What the page knows of one stream. null is what is not known. */
export interface StatusPageStream {
  readonly account: string;
  readonly domain: string;
  readonly app_name: string;
  readonly stream: string;
  readonly state: 'up' | 'silent' | 'unknown';
  readonly due: boolean | null;
  readonly attention: 'silent_though_due' | 'degraded' | 'unknown' | null;
  readonly conditions: readonly string[];
  readonly fps: number | null;
  readonly bitrate_bps: number | null;
  readonly client_ip: string | null;
  readonly publishers: number;
  readonly sample_age_seconds: number | null;
  readonly last_failure: { readonly kind: string; readonly message: string } | null;
  readonly expected: {
    readonly fps: number | null;
    readonly bitrate_bps: number | null;
    readonly min_fps: number | null;
  };
  readonly labels: Readonly<Record<string, string>>;
  readonly recent: readonly SparkPoint[];
}

export function streamRow(stream: StatusPageStream, now: number): Html {
  const { expected, recent, sample_age_seconds: age } = stream;
  return html`<tr role="row"><td role="cell" class="wide">${stateMark(stream)}</td>
<td role="cell" class="wide">${names(stream)}</td>
<td role="cell" class="number" data-label="Frames a second">${measured(stream.fps, expected.fps, fpsText, stream)}</td>
<td role="cell" class="wide late" data-label="Last 5 minutes">${sparkline(recent, { now, expectedFps: expected.fps, minFps: expected.min_fps })}</td>
<td role="cell" class="number" data-label="Bit rate">${measured(stream.bitrate_bps, expected.bitrate_bps, bitRateText, stream)}</td>
<td role="cell" class="late small" data-label="Publisher">${publisher(stream)}</td>
<td role="cell" class="number late" data-label="Newest sample">${age === null ? html`<span class="quiet">none yet</span>` : `${ageText(age)} ago`}</td></tr>`;
}

function stateMark({ state, attention, due, conditions }: StatusPageStream): Html {
  switch (attention) {
    case 'silent_though_due':
      return html`<span class="state bad">${icon('alarm')}silent though due</span>`;
    case 'degraded':
      return html`<span class="state warn">${icon('degraded')}${conditions.map(inWords).join(', ')}</span>`;
    case 'unknown':
      return html`<span class="state warn">${icon('unknown')}unknown</span>`;
    case null:
      if (state === 'up') return html`<span class="state good">${icon('up')}up</span>`;
      return html`<span class="state">${icon('silent')}silent${due === false && ', not due'}</span>`;
    default:
      return attention satisfies never;
  }
}

function inWords(condition: string): string {
  return condition.replaceAll('_', ' ').replace('fps', 'frame rate').replace('bitrate', 'bit rate');
}

function names({ stream, account, domain, app_name, labels, last_failure }: StatusPageStream): Html {
  const place = [domain, app_name].filter((part) => part !== '').join('/');
  return html`<bdi class="name">${stream}</bdi><div class="note quiet"><bdi>${account}</bdi>${place !== '' && html` · <bdi>${place}</bdi>`}</div>${
    Object.keys(labels).length > 0 &&
    html`<div class="labels">${Object.entries(labels).map(([name, value]) => html`<span class="label">${name}: <bdi>${value}</bdi></span>`)}</div>`
  }${last_failure !== null && html`<div class="note bad">${last_failure.kind}: <bdi>${last_failure.message}</bdi></div>`}`;
}

/** A dash where nothing is measured, so that it cannot be taken for zero. */
function measured(
  value: number | null,
  expected: number | null,
  toText: (value: number) => string,
  { state }: StatusPageStream,
): Html {
  const shown =
    value !== null
      ? html`<span class="big">${toText(value)}</span>`
      : html`<span class="quiet">${state === 'up' ? 'not told' : '–'}</span>`;
  return html`${shown}${expected !== null && html`<div class="note quiet">of ${toText(expected)}</div>`}`;
}

function publisher({ client_ip, publishers, state }: StatusPageStream): Html {
  if (state !== 'up') return html`<span class="quiet">–</span>`;
  const others = publishers - 1;
  return html`${client_ip === null ? html`<span class="quiet">not told</span>` : html`<bdi>${client_ip}</bdi>`}${others > 0 && html`<div class="note warn">and ${others} more</div>`}`;
}
