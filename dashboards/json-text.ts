/** Renders JSON in the layout of this repository's formatter: a list of scalars is on one line. */
export function toJsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  const onOneLine = text.replaceAll(/\[\n([^[\]{}]*?)\n\s*\]/g, (_list, items: string) => {
    return `[${items.trim().replaceAll(/,\n\s*/g, ', ')}]`;
  });
  return `${onOneLine}\n`;
}
