import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Who may import whom, by the first folder below src. A file straight in src goes by its own name. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  main: ['clock', 'commands'],
  commands: ['app', 'commands', 'config', 'log', 'model', 'alerting', 'simulator'],
  app: [
    'app',
    'clock',
    'log',
    'model',
    'config',
    'calls',
    'providers',
    'collectors',
    'store',
    'metrics',
    'status',
    'server',
  ],
  clock: ['model'],
  log: ['log', 'model'],
  model: ['model'],
  config: ['config', 'model'],
  calls: ['calls', 'model'],
  providers: ['providers', 'model', 'calls'],
  collectors: ['collectors', 'model'],
  store: ['store', 'model'],
  metrics: ['metrics', 'model'],
  status: ['status', 'model'],
  alerting: ['alerting', 'model'],
  server: ['server'],
  simulator: ['simulator', 'model'],
};

/** What is outside the program has one door each: the modules, and the files that may use them. */
const doors: readonly { readonly what: RegExp; readonly at: RegExp }[] = [
  { what: /from 'undici'/, at: /^calls\/http\.ts$/ },
  { what: /from 'prom-client'/, at: /^metrics\// },
  { what: /from 'express'/, at: /^(server|simulator)\// },
  { what: /from 'pino'/, at: /^log\.ts$/ },
  { what: /from 'yaml'/, at: /^(config|simulator)\// },
  { what: /from 'zod'/, at: /^(config|providers|simulator)\// },
  { what: /from 'fast-xml-parser'/, at: /^providers\/alibaba\/xml\.ts$/ },
  { what: /from 'node:sqlite'/, at: /^store\// },
  { what: /from 'node:worker_threads'/, at: /^config\/(read-apart|worker)\.ts$/ },
  { what: /from 'node:fs/, at: /^(main\.ts$|(config|store|commands)\/)/ },
  { what: /\bprocess\.(argv|env|exit|exitCode|on|once)\b/, at: /^main\.ts$/ },
  { what: /\b(setTimeout|setInterval|Date\.now|performance\.now)\b|new Date\(\)/, at: /^clock\.ts$/ },
  { what: /\bMath\.random\b|\brandomBytes\b|\brandomUUID\b/, at: /^main\.ts$/ },
];

const src = join(import.meta.dirname, '..', 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

test('every import follows the plan of the house', () => {
  const broken: string[] = [];
  for (const file of files) {
    const from = place(file);
    for (const imported of importsOf(file)) {
      const to = place(imported);
      const isOtherProvider =
        from === 'providers' &&
        to === 'providers' &&
        provider(file) !== provider(imported) &&
        provider(imported);
      if (!mayImport[from]?.includes(to) || isOtherProvider) broken.push(`${file} imports ${imported}`);
    }
  }

  expect(files.length).toBeGreaterThan(40);
  expect(broken).toEqual([]);
});

test('no file imports itself by way of others, not even for a type', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (done.has(file) || path.includes(file)) return;
    for (const imported of importsOf(file)) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);

  expect(cycles).toEqual([]);
});

test('of calls, providers import nothing but the type in call.ts', () => {
  const broken = files
    .filter((file) => place(file) === 'providers')
    .flatMap((file) => importsOf(file).map((imported) => [file, imported] as const))
    .filter(([, imported]) => place(imported) === 'calls' && imported !== 'calls/call.ts');

  expect(broken).toEqual([]);
});

test('what is outside the program is touched at its door only', () => {
  const broken: string[] = [];
  for (const file of files) {
    const code = withoutComments(readFileSync(join(src, file), 'utf8'));
    for (const { what, at } of doors) {
      const found = what.exec(code);
      if (found !== null && !at.test(file)) broken.push(`${file}: ${found[0]}`);
    }
  }

  expect(broken).toEqual([]);
});

/** `model/time.ts` is in model, `app.ts` is app. */
function place(file: string): string {
  const [first = ''] = file.split('/');
  return first.replace(/\.ts$/, '');
}

/** The provider's folder; empty for a file that all of them share. */
function provider(file: string): string {
  return file.split('/').length > 2 ? (file.split('/')[1] ?? '') : '';
}

/** The files of ours that `file` imports, also types only, as paths below src. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(src, file), 'utf8');
  const found = code.matchAll(/^(?:import|export)\b[^;]*?from '(\.[^']+)'/gms);
  return [...found].map(([, path = '']) => join(file, '..', path));
}

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}
