import { ProviderError } from '../../../model/answer.ts';
import type { ControlAction } from '../../../model/control-action.ts';
import type { PushEnd } from '../../../model/push-end.ts';
import type { ControlAnswer } from '../../../model/questions.ts';
import type { Window } from '../../../model/time.ts';
import { isMisplaced, oldResponseAdvice, outsideWindow } from '../../kit/requested-window.ts';
import { noReadableRow } from '../../kit/rows.ts';
import { nearestTo } from './event-rows.ts';

export const foreignEventsWarning =
  'pushes of another domain or application in the list are ignored; report this';

/** Rows of all pages of one answer. */
export interface Reading {
  /** Number of requested pages. */
  pages: number;
  rows: number;
  malformed: number;
  foreign: number;
  /** Actions by application, stream, time and name. */
  readonly actions: Map<string, ControlAction>;
  /** Newest end of each stream, by application and stream. */
  readonly ends: Map<string, PushEnd>;
  /** All ends that were read: a push can appear on two pages. */
  readonly pushes: PushEnd[];
  readonly warnings: Set<string>;
}

/** Creates the reading of an answer of which no page was read yet. */
export function createReading(): Reading {
  return {
    pages: 0,
    rows: 0,
    malformed: 0,
    foreign: 0,
    actions: new Map(),
    ends: new Map(),
    pushes: [],
    warnings: new Set(),
  };
}

/** Adds the end of a push. */
export function addEnd({ pushes, ends }: Reading, end: PushEnd): void {
  pushes.push(end);
  const key = JSON.stringify([end.appName, end.stream]);
  const known = ends.get(key);
  if (known === undefined || end.endedAt >= known.endedAt) ends.set(key, end);
}

/**
 * Returns the answer of a window whose pages were all read. Throws a ProviderError `malformed` if no row is about the
 * requested application and window, or none can be read.
 */
export function toAnswer(
  { rows, malformed, foreign, actions, ends, pushes, warnings }: Reading,
  window: Window,
  context: string,
): ControlAnswer {
  if (rows > 0 && foreign === rows) {
    throw new ProviderError('malformed', `${context}: all pushes are of another domain or application`);
  }
  if (foreign > 0) warnings.add(foreignEventsWarning);
  if (malformed > 0 && malformed === rows - foreign) throw noReadableRow(malformed, context);
  if (isMisplaced(pushes, (end) => nearestTo(window, end), window)) {
    throw outsideWindow(context, oldResponseAdvice);
  }
  return { items: [...actions.values()], ends: [...ends.values()], malformed, warnings: [...warnings] };
}
