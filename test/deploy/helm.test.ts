import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '..', '..');
const chart = join(root, 'deploy', 'helm', 'livestream-exporter');
const read = (file: string): string => readFileSync(join(chart, file), 'utf8');

test('the chart has the version of the program', () => {
  expect(parse(read('Chart.yaml'))).toMatchObject({
    version: manifest.version,
    appVersion: manifest.version,
  });
});

test('the chart contains the alert rules and all dashboards, as links', () => {
  const dashboards = readdirSync(join(root, 'dashboards')).filter((file) => file.endsWith('.json'));
  const files = readdirSync(join(chart, 'files'));

  expect(files.toSorted()).toEqual([...dashboards, 'livestream.rules.yml'].toSorted());
  for (const file of files) {
    const path = join(chart, 'files', file);
    const directory = file.endsWith('.json') ? 'dashboards' : 'config/rules';
    expect([file, lstatSync(path).isSymbolicLink()]).toEqual([file, true]);
    expect(realpathSync(path)).toBe(join(root, directory, file));
  }
});

test('the schema describes every value, and rejects others', () => {
  const schema = JSON.parse(read('values.schema.json')) as Schema;

  // `global` is reserved by Helm for charts that contain this one.
  const described = pathsOf(schema).filter((path) => path !== 'global');
  expect(described.toSorted()).toEqual(keysOf(parse(read('values.yaml')), schema).toSorted());
});

test('every value is used by a template', () => {
  const templates = readdirSync(join(chart, 'templates'))
    .map((file) => read(join('templates', file)))
    .join('\n');
  const schema = JSON.parse(read('values.schema.json')) as Schema;

  const unused = keysOf(parse(read('values.yaml')), schema).filter(
    (path) => !templates.includes(`.Values.${path}`) && !/^(image|serviceMonitor)$/.test(path),
  );
  expect(unused.filter((path) => pathsOf(schema).every((other) => !other.startsWith(`${path}.`)))).toEqual(
    [],
  );
});

test('the documented commands name what the documented installation creates', () => {
  const pages = ['docs', 'docs/zh-CN', 'docs/runbooks', 'docs/runbooks/zh-CN'].flatMap((directory) =>
    readdirSync(join(root, directory))
      .filter((file) => file.endsWith('.md'))
      .map((file) => readFileSync(join(root, directory, file), 'utf8')),
  );
  const found = (pattern: RegExp) => [
    ...new Set(pages.flatMap((page) => [...page.matchAll(pattern)].map(([, name]) => name ?? ''))),
  ];
  const manifest = parseAllDocuments(
    readFileSync(join(root, 'deploy', 'kubernetes', 'livestream-exporter.yaml'), 'utf8'),
  ).map((document) => document.toJS());
  const { metadata, spec } = manifest.find(({ kind }) => kind === 'StatefulSet');
  const { args } = spec.template.spec.containers[0];

  // By the rule of _helpers.tpl, another name of the release would make the names of the resources longer.
  expect(found(/helm install (\S+) /g)).toEqual([metadata.name]);
  expect(found(/statefulset\/([\w-]+)/g)).toEqual([metadata.name]);
  const configFiles = found(/kubectl exec .* check-config (\S+)/g);
  expect(configFiles.map((file) => `--config.file=${file}`)).toEqual([args[1]]);
});

interface Schema {
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Returns the paths of all properties that the schema names. */
function pathsOf({ properties = {}, additionalProperties }: Schema, prefix = ''): readonly string[] {
  const all = Object.entries(properties);
  if (all.length > 0) expect([prefix, additionalProperties]).toEqual([prefix, false]);
  return all.flatMap(([key, schema]) => [`${prefix}${key}`, ...pathsOf(schema, `${prefix}${key}.`)]);
}

/** Returns the paths of all values, without the keys of values that the schema leaves open, such as resources. */
function keysOf(values: Readonly<Record<string, unknown>>, schema: Schema, prefix = ''): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const inner = schema.properties?.[key];
    if (inner?.properties === undefined) return [`${prefix}${key}`];
    // Cast: the schema says that this value is an object.
    return [`${prefix}${key}`, ...keysOf(value as Record<string, unknown>, inner, `${prefix}${key}.`)];
  });
}
