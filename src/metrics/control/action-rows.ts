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

/** Table row for one kind of action on one stream or domain. */
interface ActionRow {
  readonly row: RowId;
  readonly held: HeldAction;
  total: ActionTotal;
}

/**
 * Creates the table rows of control actions: one row for each kind of action on each stream or domain. Adds
 * `families` to `table`, which must have no other rows.
 */
export function createActionRows<Text extends string>(
  hold: HoldQueue<HeldAction>,
  table: SeriesTable<Text>,
  text: Text,
  families: readonly Family<ActionTotal, Text>[],
) {
  const setRow = table.addFamilies(families);

  const addRow = ({ targetKey, streamKey, labels }: ActionSubject, action: string, total: ActionTotal) => {
    const row = table.addRow();
    table.setText(row, text, { ...labels, action });
    return { row, held: { targetKey, streamKey, action }, total };
  };

  const removeRow = ({ row, held }: ActionRow) => {
    table.freeRow(row);
    hold.remove(held);
  };

  return {
    /**
     * Updates the rows of a stream or domain to its totals. `totals` has one total per kind of action. An
     * unchanged total is the same object as before, so its row needs no update.
     */
    set(rows: SubjectActions, subject: ActionSubject, totals: ActionTotals) {
      for (const [action, total] of Object.entries(totals)) {
        const known = rows.get(action);
        if (known?.total === total) continue;
        const actionRow = known ?? addRow(subject, action, total);
        actionRow.total = total;
        rows.set(action, actionRow);
        setRow(actionRow.row, total);
        if (total.leftZero) hold.remove(actionRow.held);
        else hold.hold(actionRow.held);
      }
      for (const [action, actionRow] of rows) {
        if (Object.hasOwn(totals, action)) continue;
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
