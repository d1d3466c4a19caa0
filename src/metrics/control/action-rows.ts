import type { ActionTotal, ActionTotals } from '../../model/control-ledger.ts';
import type { Family } from '../table/family.ts';
import type { RowId, SeriesTable } from '../table/series-table.ts';
import type { ZeroHoldPort } from '../zero-hold-port.ts';
import { type HeldAction, heldActionKey } from './zero-held-action.ts';

/** What the actions were done to: a stream, or any stream of a domain. */
export interface ActionSubject extends Pick<HeldAction, 'targetKey' | 'streamKey'> {
  readonly labels: Readonly<Record<string, string>>;
}

/** What is shown of one thing's actions, by their label. */
export type ShownActions = Map<string, ShownAction>;

interface ShownAction {
  readonly row: RowId;
  readonly total: ActionTotal;
}

/** Rows of a table, one for each action of each thing that was acted upon. */
export interface ActionRows {
  /** Makes `shown` what `totals` say; a total that is shown already costs nothing. */
  set(shown: ShownActions, of: ActionSubject, totals: ActionTotals): void;
  remove(shown: ShownActions, of: ActionSubject): void;
}

/** The families are added to the table, which has no other rows. */
export function createActionRows<Text extends string>(
  { zeroHold, version, elapsed }: ZeroHoldPort,
  table: SeriesTable<Text>,
  text: Text,
  families: readonly Family<ActionTotal, Text>[],
): ActionRows {
  const draw = table.addFamilies(families);

  const newRow = (labels: ActionSubject['labels'], action: string): RowId => {
    const row = table.addRow();
    table.setText(row, text, { ...labels, action });
    return row;
  };

  const endAction = (of: ActionSubject, action: string, { row }: ShownAction) => {
    table.freeRow(row);
    zeroHold.remove(heldActionKey({ ...of, action }));
  };

  return {
    set(shown, of, totals) {
      for (const [action, total] of Object.entries(totals)) {
        const known = shown.get(action);
        if (known?.total === total) continue;
        const row = known?.row ?? newRow(of.labels, action);
        shown.set(action, { row, total });
        draw(row, total);
        const key = heldActionKey({ ...of, action });
        if (total.leftZero) zeroHold.remove(key);
        else zeroHold.hold(key, version(), elapsed());
      }
      for (const [action, known] of shown) {
        if (Object.hasOwn(totals, action)) continue;
        endAction(of, action, known);
        shown.delete(action);
      }
    },
    remove(shown, of) {
      for (const [action, known] of shown) endAction(of, action, known);
      shown.clear();
    },
  };
}
