import type { ActionTotal, ActionTotals } from '../../model/control-ledger.ts';
import type { Family } from '../table/family.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import type { HoldQueue } from '../zero-hold.ts';

/**
 * Counter of one control action that is under zero hold: it stays at 0 until all known scrapers have received
 * the 0.
 */
export interface HeldAction {
  readonly targetKey: string;
  /** Key of the stream that the action applied to; undefined for the counter of the whole domain. */
  readonly streamKey: string | undefined;
  /** Value of the label `action`, as stored in the control ledger. */
  readonly action: string;
}

/** Stream or domain that control actions apply to. */
export interface ActionSubject extends Pick<HeldAction, 'targetKey' | 'streamKey'> {
  /** Identity labels of the stream or domain. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Table rows of one stream or domain, by action label. */
export type SubjectActions = Map<string, ActionRow>;

/** Table row of one action of a stream or domain. */
interface ActionRow {
  readonly row: RowId;
  readonly held: HeldAction;
  total: ActionTotal;
}

/**
 * Creates the table rows of control actions: one row per subject (stream or domain) and action label. Adds
 * `families` to `table`, which has no other rows.
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
     * Sets the rows of a stream or domain to its totals by action label. Totals are compared by identity, so
     * that an unchanged total costs no work.
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
