import type { ActionTotal, ActionTotals } from '../../model/control-ledger.ts';
import type { Family } from '../table/family.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import type { HoldQueue } from '../zero-hold.ts';

/** Action counter under zero hold. */
export interface HeldAction {
  readonly targetKey: string;
  /** undefined: the counter of the whole domain. */
  readonly streamKey: string | undefined;
  /** The action label, as in the ledger. */
  readonly action: string;
}

/** Stream or domain that actions apply to. */
export interface ActionSubject extends Pick<HeldAction, 'targetKey' | 'streamKey'> {
  readonly labels: Readonly<Record<string, string>>;
}

/** Rows of one subject by action label. */
export type SubjectActions = Map<string, ActionRow>;

interface ActionRow {
  readonly row: RowId;
  readonly held: HeldAction;
  total: ActionTotal;
}

/** Table rows of actions, one per subject and action. */
export interface ActionRows {
  /**
   * Sets the rows of a subject to its totals. Totals are compared by identity: an unchanged total is a no-op.
   */
  set(rows: SubjectActions, subject: ActionSubject, totals: ActionTotals): void;
  remove(rows: SubjectActions): void;
}

/** Adds `families` to `table`, which has no other rows. */
export function createActionRows<Text extends string>(
  hold: HoldQueue<HeldAction>,
  table: SeriesTable<Text>,
  text: Text,
  families: readonly Family<ActionTotal, Text>[],
): ActionRows {
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
    set(rows, subject, totals) {
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
    remove(rows) {
      for (const actionRow of rows.values()) removeRow(actionRow);
      rows.clear();
    },
  };
}
