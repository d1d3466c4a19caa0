/** Renders labels in their order as between the braces of a line: `a="x",b="y"`. Does not check the names. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in labels) {
    text += `${text === '' ? '' : ','}${name}="${escapeLabelValue(labels[name] ?? '')}"`;
  }
  return text;
}

function escapeLabelValue(value: string): string {
  // Most values need no escape, and one test is cheaper than three replacements.
  return needsEscape.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}

const needsEscape = /[\\"\n]/;
