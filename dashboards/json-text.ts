/** JSON as the formatter of this repository leaves it: lists of plain values on one line where they fit. */
export function toJsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  const onOneLine = text.replaceAll(/\[\n([^[\]{}]*?)\n\s*\]/g, (_list, items: string) => {
    return `[${items.trim().replaceAll(/,\n\s*/g, ', ')}]`;
  });
  return `${onOneLine}\n`;
}
