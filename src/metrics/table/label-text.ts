/**
 * Renders labels as the text between the braces of a metric line, in property order: `a="x",b="y"`. Does not
 * check the label names.
 */
export function labelText(labels: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in labels) {
    text += `${text === '' ? '' : ','}${name}="${escapeLabelValue(labels[name] ?? '')}"`;
  }
  return text;
}

/** Escapes backslashes, quotes and line feeds of a label value, as both exposition formats require. */
function escapeLabelValue(value: string): string {
  // Test whether an escape is needed: most label values need none, and one test is cheaper than three
  // replacements.
  return needsEscape.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}

const needsEscape = /[\\"\n]/;
