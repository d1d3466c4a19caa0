import { type FamilySnapshot, type PointSnapshot, rangeRows, type Snapshot } from '../table/series-table.ts';

/** Lines of one point of a family, of a range of rows. A point is a series that each row can have. */
export interface Part {
  readonly snapshot: Snapshot;
  readonly family: FamilySnapshot;
  readonly point: PointSnapshot;
  /** Whether the lines follow the head of the family (HELP and TYPE lines). */
  readonly hasHead: boolean;
  readonly fromRow: number;
  /** End of the range, exclusive. */
  readonly toRow: number;
}

/** Consecutive parts of the text of the tables, which are compressed together. */
export interface Section {
  /** Identifies the text of the section: as long as the key is the same, the text is the same. */
  readonly key: string;
  readonly parts: readonly Part[];
}

/**
 * Minimum number of rows of a section, except the last one. Each section starts a new compression window, so small
 * sections would make the text larger.
 */
const minSectionRows = rangeRows / 2;

/** Returns the text of the snapshots, in sections and in order. Omits points without series. */
export function toSections(snapshots: readonly Snapshot[]): readonly Section[] {
  const sections: Section[] = [];
  let parts: Part[] = [];
  let keys: string[] = [];
  let rows = 0;
  const endSection = () => {
    if (parts.length > 0) sections.push({ key: keys.join(), parts });
    parts = [];
    keys = [];
    rows = 0;
  };
  for (const { part, key } of partsOf(snapshots)) {
    parts.push(part);
    keys.push(key);
    rows += part.toRow - part.fromRow;
    if (rows >= minSectionRows) endSection();
  }
  endSection();
  return sections;
}

function* partsOf(snapshots: readonly Snapshot[]) {
  for (const [table, snapshot] of snapshots.entries()) {
    for (const [at, family] of snapshot.families.entries()) {
      let hasHead = true;
      for (const [series, point] of family.points.entries()) {
        if (point.count === 0) continue;
        const rows = point.present.length;
        for (let range = 0; range * rangeRows < rows; range++) {
          const part: Part = {
            snapshot,
            family,
            point,
            hasHead,
            fromRow: range * rangeRows,
            toRow: Math.min(rows, (range + 1) * rangeRows),
          };
          yield { part, key: `${table} ${at} ${series} ${hasHead} ${range} ${versionsOf(point, range)}` };
          hasHead = false;
        }
      }
    }
  }
}

/** Returns the versions of the table in which the values and texts of a range changed last. */
function versionsOf({ changedIn, texts, prefix }: PointSnapshot, range: number): string {
  return `${changedIn[range]} ${texts.changedIn[range]} ${prefix?.changedIn[range]}`;
}
