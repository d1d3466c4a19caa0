/**
 * Renders labels as they appear between the braces of a metric line: `a="x",b="y"`. The order is that of the
 * object's properties. Does not check the label names.
 */
export function labelText(labels: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in labels) {
    text += `${text === '' ? '' : ','}${name}="${escapeLabelValue(labels[name] ?? '')}"`;
  }
  return text;
}

/** Escapes backslashes, quotes and line feeds in a label value, as both exposition formats require. */
function escapeLabelValue(value: string): string {
  // First test whether an escape is needed: most label values need none, and one test costs less than three
  // replacements.
  return needsEscape.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}

const needsEscape = /[\\"\n]/;
