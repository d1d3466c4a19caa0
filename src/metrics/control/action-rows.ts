import type { ActionTotal, ActionTotals } from '../../model/control-ledger.ts';
import type { Family } from '../table/family.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import type { HoldQueue } from '../zero-hold.ts';

/**
 * Counter of one control action that is under zero hold: its exposed value stays 0 until every known scraper
 * has received the 0.
 */
export interface HeldAction {
  readonly targetKey: string;
  /** Key of the stream that the action applied to; undefined for the counter of the whole domain. */
  readonly streamKey: string | undefined;
  /** Value of the label `action`. */
  readonly action: string;
}

/** Stream or domain to which control actions apply. */
export interface ActionSubject extends Pick<HeldAction, 'targetKey' | 'streamKey'> {
  /** Identity labels of the stream or domain. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Table rows of one stream or domain, by the value of the label `action`. */
export type SubjectActions = Map<string, ActionRow>;

/** Totals of the actions on a stream or domain. */
export interface ShownTotals {
  /** Totals in the newest answer, which gauges show. They contain all actions that have a row. */
  readonly newest: ActionTotals;
  /** Totals on disk, which counters show; undefined before the first save. */
  readonly saved: ActionTotals | undefined;
}

/** Table row for one kind of action on one stream or domain. */
interface ActionRow {
  readonly row: RowId;
  readonly held: HeldAction;
  /** Total that the gauges show; undefined before the first one. */
  newest: ActionTotal | undefined;
  /** Total that the counter shows; undefined before the first save. */
  saved: ActionTotal | undefined;
}

/** Families of an action. */
export interface ActionFamilies<Text extends string> {
  /** Label text of the families. */
  readonly text: Text;
  readonly gauges: readonly Family<ActionTotal, Text>[];
  readonly counters: readonly Family<ActionTotal, Text>[];
}

/**
 * Creates the table rows of control actions: one row for each kind of action on each stream or domain. Adds
 * the families to `table`, which must have no other rows.
 */
export function createActionRows<Text extends string>(
  hold: HoldQueue<HeldAction>,
  table: SeriesTable<Text>,
  { text, gauges, counters }: ActionFamilies<Text>,
) {
  const setCounters = table.addFamilies(counters);
  const setGauges = table.addFamilies(gauges);

  const addRow = ({ targetKey, streamKey, labels }: ActionSubject, action: string): ActionRow => {
    const row = table.addRow();
    table.setText(row, text, { ...labels, action });
    return { row, held: { targetKey, streamKey, action }, newest: undefined, saved: undefined };
  };

  const removeRow = ({ row, held }: ActionRow) => {
    table.freeRow(row);
    hold.remove(held);
  };

  return {
    /**
     * Updates the rows of a stream or domain to its totals, which have one total per kind of action. An
     * unchanged total is the same object as before, so its row needs no update.
     */
    set(rows: SubjectActions, subject: ActionSubject, { newest, saved = {} }: ShownTotals) {
      for (const [action, total] of Object.entries(newest)) {
        const actionRow = rows.get(action) ?? addRow(subject, action);
        rows.set(action, actionRow);
        if (actionRow.newest !== total) {
          actionRow.newest = total;
          setGauges(actionRow.row, total);
        }
        const counted = Object.hasOwn(saved, action) ? saved[action] : undefined;
        if (counted === undefined || actionRow.saved === counted) continue;
        actionRow.saved = counted;
        setCounters(actionRow.row, counted);
        if (counted.leftZero) hold.remove(actionRow.held);
        else hold.hold(actionRow.held);
      }
      for (const [action, actionRow] of rows) {
        if (Object.hasOwn(newest, action)) continue;
        removeRow(actionRow);
        rows.delete(action);
      }
    },
    /** Removes all rows of a stream or domain. */
    remove(rows: SubjectActions) {
      for (const actionRow of rows.values()) removeRow(actionRow);
      rows.clear();
    },
  };
}
