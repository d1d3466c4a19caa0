import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** What each directory below src may import, besides itself. A file directly in src counts under its own name. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  main: ['clock', 'commands'],
  clock: ['model'],
  log: ['model'],
  commands: [
    'alerting',
    'app',
    'calls',
    'collectors',
    'config',
    'doctor',
    'log',
    'model',
    'providers',
    'simulator',
    // Only to create directories.
    'store',
    'text',
  ],
  doctor: ['calls', 'model', 'text'],
  app: [
    'alerting',
    'calls',
    'clock',
    'collectors',
    'config',
    'log',
    'metrics',
    'model',
    'polling',
    'posting',
    'providers',
    'server',
    'status',
    'store',
    'text',
  ],
  collectors: ['calls', 'config', 'log', 'metrics', 'model', 'polling', 'providers', 'status'],
  alerting: ['model', 'text'],
  posting: ['alerting', 'calls', 'config', 'log', 'metrics', 'model'],
  model: [],
  text: ['model'],
  calls: ['model'],
  polling: ['model'],
  store: ['model'],
  metrics: ['model'],
  status: ['model'],
  providers: ['model', 'calls'],
  config: ['model', 'text', 'calls'],
  simulator: ['model', 'text', 'calls'],
  server: ['model', 'status', 'metrics'],
};

/** Directories that see only the types of a file outside: the importing directory, the imported one, and its files. */
const typesOnly: readonly { readonly from: RegExp; readonly to: RegExp; readonly files: RegExp }[] = [
  { from: /^(providers|config|simulator|doctor)$/, to: /^calls$/, files: /^calls\/(call|exchanges)\.ts$/ },
  { from: /^server$/, to: /^(status|metrics)$/, files: /./ },
];

/** Each outside resource has one entry point: the modules or globals, and the files that may use them. */
const entryPoints: readonly { readonly what: RegExp; readonly at: RegExp }[] = [
  { what: /from 'undici'/, at: /^calls\/(http|exchange|connect|connections)\.ts$/ },
  { what: /from 'prom-client'/, at: /^metrics\// },
  { what: /from 'bcryptjs'/, at: /^server\/password-worker\.ts$/ },
  { what: /from 'express'/, at: /^(server|simulator)\// },
  { what: /from 'pino'/, at: /^log\.ts$/ },
  { what: /from '(yaml|jsonc-parser)'/, at: /^text\// },
  { what: /from 'zod'/, at: /^(config\/|providers\/|simulator\/|text\/(partial-parse|zod-issues)\.ts$)/ },
  {
    what: /import\('(?:@alicloud\/|tencentcloud)|from '(?:@alicloud\/|tencentcloud)/,
    at: /^providers\/(alibaba|tencent)\/library-worker\.ts$/,
  },
  { what: /from 'node:sqlite'/, at: /^store\// },
  {
    what: /from 'node:worker_threads'/,
    at: /^(config\/load-(in-)?worker|store\/storage-(thread|worker)|providers\/kit\/library-(thread|worker)|server\/password-(thread|worker))\.ts$/,
  },
  { what: /from 'node:fs/, at: /^(main\.ts|text\/text-file\.ts|(store|commands)\/.*)$/ },
  { what: /\bprocess\.(argv|env|exit|exitCode|on|once)\b/, at: /^main\.ts$/ },
  {
    what: /\b(setTimeout|setInterval|setImmediate|Date\.now|performance\.now)\b|new Date\(\)/,
    // The script of the status page runs in the browser.
    at: /^(clock|server\/page-script)\.ts$/,
  },
  { what: /\bMath\.random\b|\brandomBytes\b|\brandomUUID\b/, at: /^main\.ts$/ },
];

const src = join(import.meta.dirname, '..', 'src');
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

test('imports follow the table of directories', () => {
  const broken: string[] = [];
  for (const file of files) {
    const from = directoryOf(file);
    for (const { path } of importsOf(file)) {
      const to = directoryOf(path);
      const isOtherProvider =
        from === 'providers' &&
        file !== 'providers/registry.ts' &&
        to === 'providers' &&
        providerOf(path) !== '' &&
        providerOf(file) !== providerOf(path);
      if ((from !== to && !mayImport[from]?.includes(to)) || isOtherProvider)
        broken.push(`${file} imports ${path}`);
    }
  }

  expect(files.length).toBeGreaterThan(40);
  expect(broken).toEqual([]);
});

test('imports of other directories are types only where the table says so', () => {
  const broken = files.flatMap((file) =>
    importsOf(file)
      .filter(({ path, isType }) =>
        typesOnly.some(
          ({ from, to, files: allowed }) =>
            from.test(directoryOf(file)) && to.test(directoryOf(path)) && !(isType && allowed.test(path)),
        ),
      )
      .map(({ path }) => `${file} imports ${path}`),
  );

  expect(broken).toEqual([]);
});

test('the simulator shares no code with providers, not even through the directory', () => {
  expect(mayImport.simulator).not.toContain('providers');
  expect(mayImport.providers).not.toContain('simulator');
});

test('provider names occur only where providers differ', () => {
  const allowed = /^(model\/capabilities\.ts|(providers|config|simulator)\/)/;

  const naming = files.filter(
    (file) => !allowed.test(file) && /tencent|alibaba/i.test(readFileSync(join(src, file), 'utf8')),
  );

  expect(naming).toEqual([]);
});

test('no file imports itself through others, not even for a type', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
    if (done.has(file) || path.includes(file)) return;
    for (const imported of importsOf(file)) visit(imported.path, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);

  expect(cycles).toEqual([]);
});

test('outside resources are used at their entry points only', () => {
  const broken: string[] = [];
  for (const file of files) {
    const code = withoutComments(readFileSync(join(src, file), 'utf8'));
    for (const { what, at } of entryPoints) {
      const found = what.exec(code);
      if (found !== null && !at.test(file)) broken.push(`${file}: ${found[0]}`);
    }
  }

  expect(broken).toEqual([]);
});

test('modules that test files share register no hooks', () => {
  const tests = import.meta.dirname;
  const shared = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  );

  // Files of one process share the module, so only the first of them would get the hook. `onTestFinished` works.
  const hook = /^(before|after)(Each|All)\(/m;
  const broken = shared.filter((file) => hook.test(readFileSync(join(tests, file), 'utf8')));

  expect(shared.length).toBeGreaterThan(100);
  expect(broken).toEqual([]);
});

/** The directory below src: `model/time.ts` is in model, `clock.ts` is clock. */
function directoryOf(file: string): string {
  const [first = ''] = file.split('/');
  return first.replace(/\.ts$/, '');
}

/** The directory of the provider; empty for a file that all providers share. */
function providerOf(file: string): string {
  const [, name = ''] = file.split('/');
  return name === 'kit' || name.endsWith('.ts') ? '' : name;
}

interface Import {
  /** Below src. */
  readonly path: string;
  readonly isType: boolean;
}

/** The files below src that `file` imports, types included. */
function importsOf(file: string): Import[] {
  const code = readFileSync(join(src, file), 'utf8');
  const found = code.matchAll(/^(?:import|export)\b([^;]*?)from '(\.[^']+)'/gms);
  return [...found].map(([, names = '', path = '']) => ({
    path: join(file, '..', path),
    isType: isTypeOnly(names),
  }));
}

/** Whether `import ${names} from` brings types alone. */
function isTypeOnly(names: string): boolean {
  if (/^\s*type\b/.test(names)) return true;
  const list = /\{([^}]*)\}/.exec(names)?.[1]?.split(',') ?? [];
  return (
    list.filter((name) => name.trim() !== '').every((name) => /^\s*type\s/.test(name)) && list.length > 0
  );
}

function withoutComments(code: string): string {
  return code.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}
