import type { ActionTotal, ActionTotals } from '../../model/control-ledger.ts';
import type { Family } from '../table/family.ts';
import type { Row, SeriesTable } from '../table/series-table.ts';
import type { BirthsPort } from '../zero-hold-port.ts';
import { type ControlBirth, controlBirthKey } from './zero-held-action.ts';

/** What the actions were done to: a stream, or any stream of a domain. */
export interface Acted extends Pick<ControlBirth, 'targetKey' | 'streamKey'> {
  readonly labels: Readonly<Record<string, string>>;
}

/** What is shown of one thing's actions, by their label. */
export type ShownActions = Map<string, ShownAction>;

interface ShownAction {
  readonly row: Row;
  readonly total: ActionTotal;
}

/** Rows of a table, one for each action of each thing that was acted upon. */
export interface ActionRows {
  /** Makes `shown` what `totals` say; a total that is shown already costs nothing. */
  show(shown: ShownActions, of: Acted, totals: ActionTotals): void;
  end(shown: ShownActions, of: Acted): void;
}

/** The families are added to the table, which has no other rows. */
export function createActionRows<Text extends string>(
  { births, version, elapsed }: BirthsPort,
  table: SeriesTable<Text>,
  text: Text,
  families: readonly Family<ActionTotal, Text>[],
): ActionRows {
  const draw = table.addFamilies(families);

  const newRow = (labels: Acted['labels'], action: string): Row => {
    const row = table.addRow();
    table.setText(row, text, { ...labels, action });
    return row;
  };

  const endAction = (of: Acted, action: string, { row }: ShownAction) => {
    table.freeRow(row);
    births.forget(controlBirthKey({ ...of, action }));
  };

  return {
    show(shown, of, totals) {
      for (const [action, total] of Object.entries(totals)) {
        const known = shown.get(action);
        if (known?.total === total) continue;
        const row = known?.row ?? newRow(of.labels, action);
        shown.set(action, { row, total });
        draw(row, total);
        const key = controlBirthKey({ ...of, action });
        if (total.leftZero) births.forget(key);
        else births.born(key, version(), elapsed());
      }
      for (const [action, known] of shown) {
        if (Object.hasOwn(totals, action)) continue;
        endAction(of, action, known);
        shown.delete(action);
      }
    },
    end(shown, of) {
      for (const [action, known] of shown) endAction(of, action, known);
      shown.clear();
    },
  };
}
