/** Labels as they stand between the braces, in the order given: `a="x",b="y"`. Names are taken as they are. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in labels) {
    text += `${text === '' ? '' : ','}${name}="${escapeLabelValue(labels[name] ?? '')}"`;
  }
  return text;
}

export function escapeLabelValue(value: string): string {
  // Most values need no escape, and one look is cheaper than three.
  return mustEscape.test(value)
    ? value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
    : value;
}

const mustEscape = /[\\"\n]/;
