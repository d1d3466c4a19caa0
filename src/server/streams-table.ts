import type { InSlices } from '../model/slices.ts';
import type { StreamView } from '../status/stream-view.ts';
import { type Html, type HtmlValue, html } from './html.ts';
import { mark } from './icon.ts';
import { ageText, bitRateText, fpsText } from './quantity.ts';
import { sparkline } from './sparkline.ts';
import { type Column, failureNote, location, quiet, table } from './table.ts';

/** Renders the streams as a table, in the given order. `now` is in epoch milliseconds. */
export function streamsTable(streams: readonly StreamView[], now: number, inSlices: InSlices): Promise<Html> {
  const columns: readonly Column<StreamView>[] = [
    { title: 'State', classes: 'wide', cell: stateMark },
    { title: 'Stream', classes: 'wide', cell: names },
    { title: 'Frame rate (fps)', classes: 'number labeled', cell: frameRate },
    { title: 'Last 5 minutes', classes: 'wide late labeled', cell: (stream) => sparkline(stream, now) },
    { title: 'Bit rate', classes: 'number labeled', cell: bitRate },
    { title: 'Publisher', classes: 'late small labeled', cell: publisher },
    { title: 'Newest sample', classes: 'number late labeled', cell: sampleAge },
  ];
  return table('streams', columns, streams, inSlices);
}

function stateMark({ state, attention, due, conditions }: StreamView): Html {
  switch (attention) {
    case 'silent_though_due':
      return mark('bad', 'alarm', 'missing');
    case 'degraded':
      return mark('warn', 'degraded', conditions.map(inWords).join(', '));
    case 'unknown':
      return mark('warn', 'unknown', 'unknown');
    case null:
      if (state === 'up') return mark('good', 'up', 'up');
      return mark('', 'silent', due === false ? 'not pushed, not expected' : 'not pushed');
    default:
      return attention satisfies never;
  }
}

function inWords(condition: string): string {
  return condition.replaceAll('_', ' ').replace('fps', 'frame rate').replace('bitrate', 'bit rate');
}

function names({ stream, account, domain, app_name, labels, last_failure }: StreamView): Html {
  const label = ([name, value]: readonly [string, string]) =>
    html`<span class="label">${name}: <bdi>${value}</bdi></span>`;
  const entries = Object.entries(labels);
  return html`<bdi class="name">${stream}</bdi>${location(account, domain, app_name)}${
    entries.length > 0 && html`<div class="labels">${entries.map(label)}</div>`
  }${failureNote(last_failure)}`;
}

const frameRate = (stream: StreamView) => measured(stream, 'fps', fpsText);
const bitRate = (stream: StreamView) => measured(stream, 'bitrate_bps', bitRateText);

/**
 * Renders a measured value and below it the expected value. If the measured value is missing, renders a dash
 * or a text instead, never zero.
 */
function measured(stream: StreamView, key: 'fps' | 'bitrate_bps', toText: (value: number) => string): Html {
  const value = stream[key];
  const expected = stream.expected[key];
  const shown = value === null ? missing(stream.state) : html`<span class="big">${toText(value)}</span>`;
  return html`${shown}${expected !== null && html`<div class="note quiet">expected ${toText(expected)}</div>`}`;
}

function publisher({ client_ip, publishers, state }: StreamView): Html {
  const address = client_ip === null ? missing(state) : html`<bdi>${client_ip}</bdi>`;
  return html`${address}${publishers !== null && publishers > 1 && html`<div class="note warn">and ${publishers - 1} more</div>`}`;
}

/** Renders a missing value. If the stream is up, the provider sent a sample without this value. */
function missing(state: StreamView['state']): Html {
  return quiet(state === 'up' ? 'not reported' : '–');
}

function sampleAge({ sample_age_seconds: age }: StreamView): HtmlValue {
  return age === null ? quiet('none yet') : `${ageText(age)} ago`;
}
