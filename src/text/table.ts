/**
 * Returns the lines of a table, without trailing blanks. The first row has the titles. `isNumeric` reports
 * whether a column is aligned to the right; by default, all are aligned to the left.
 */
export function toTableLines(
  rows: readonly (readonly string[])[],
  isNumeric: (title: string) => boolean = () => false,
): readonly string[] {
  const [titles = []] = rows;
  const columns = titles.map((title, column) => ({
    isRight: isNumeric(title),
    width: Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  }));
  return rows.map((row) =>
    columns
      .map(({ isRight, width }, column) => {
        const cell = row[column] ?? '';
        return isRight ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
