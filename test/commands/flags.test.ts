import { expect, test } from 'vitest';
import { parseInvocation, usage } from '../../src/commands/flags.ts';

const defaults = {
  listenAddresses: [':10935'],
  telemetryPath: '/metrics',
  isLifecycleEnabled: false,
  storagePath: undefined,
  lockTimeoutMs: 0,
  logLevel: 'info',
  logFormat: 'logfmt',
};

test('without arguments the daemon runs with its defaults', () => {
  const expected = { command: 'serve', configFile: 'livestream-exporter.yaml', flags: defaults };

  expect(parseInvocation([])).toEqual(expected);
  expect(parseInvocation(['serve'])).toEqual(expected);
});

test('flags come as --flag=value and as --flag value, and addresses several times', () => {
  const { flags } = serve([
    '--config.file=a.yaml',
    '--web.listen-address',
    ':1',
    '--web.listen-address=127.0.0.1:2',
    '--web.enable-lifecycle',
    '--storage.path',
    '/var/lib/x',
    '--storage.lock-timeout=1m30s',
    '--log.level=debug',
    '--log.format=json',
  ]);

  expect(flags).toEqual({
    listenAddresses: [':1', '127.0.0.1:2'],
    telemetryPath: '/metrics',
    isLifecycleEnabled: true,
    storagePath: '/var/lib/x',
    lockTimeoutMs: 90_000,
    logLevel: 'debug',
    logFormat: 'json',
  });
});

test('the demo listens on loopback unless told otherwise', () => {
  expect(parseInvocation(['demo'])).toMatchObject({
    command: 'demo',
    scenarioFile: undefined,
    flags: { listenAddresses: ['127.0.0.1:10935'] },
  });
});

test('help and version win over everything else on the line', () => {
  expect(parseInvocation(['serve', '--nonsense', '--help'])).toEqual({ command: 'help' });
  expect(parseInvocation(['--version'])).toEqual({ command: 'version' });
});

test('a command line that cannot be used says why', () => {
  const problemOf = (...argv: string[]) => {
    const invocation = parseInvocation(argv);
    return invocation.command === 'unusable' ? invocation.problem : undefined;
  };

  expect(problemOf('serv')).toBe(
    'there is no command "serv"; the commands are serve, demo, simulate, check-config, plan, config-schema',
  );
  expect(problemOf('--config.fil=a.yaml')).toBe(
    'there is no flag --config.fil; did you mean "--config.file"?',
  );
  expect(problemOf('-config.file=a.yaml')).toBe(
    'flags begin with two hyphens: --config.file, not -config.file',
  );
  expect(problemOf('-config.fil', 'a.yaml')).toBe(
    'there is no flag -config.fil; did you mean "--config.file"?',
  );
  expect(problemOf('-x')).toBe('there is no flag -x');
  expect(problemOf('plan', 'a.yaml', '--config.file=a.yaml')).toBe('there is no flag --config.file');
  expect(problemOf('--storage.path')).toBe("Option '--storage.path <value>' argument missing");
  expect(problemOf('--log.level=loud')).toBe('--log.level: expected debug, info, warn, error, not "loud"');
  expect(problemOf('--storage.lock-timeout=soon')).toBe(
    '--storage.lock-timeout: expected a duration such as 30s, not "soon"',
  );
  expect(problemOf('serve', 'extra')).toBe('serve takes no arguments but flags, not "extra"');
  expect(problemOf('check-config')).toBe('check-config needs a FILE');
  expect(problemOf('check-config', 'a', 'b')).toBe('check-config takes one FILE, not "a b"');
  expect(problemOf('simulate')).toBe('simulate needs --scenario=FILE');
});

test('the usage says where the demo listens', () => {
  expect(usage).toMatch(/ demo .*\n(.*\n)?.*--web\.listen-address=127\.0\.0\.1:10935/);
});

test('the usage names every flag of the daemon', () => {
  for (const flag of [
    'config.file',
    'web.listen-address',
    'web.telemetry-path',
    'storage.path',
    'storage.lock-timeout',
    'log.level',
    'log.format',
  ]) {
    expect(usage).toContain(`--${flag}=`);
  }
});

function serve(argv: readonly string[]) {
  const invocation = parseInvocation(argv);
  if (invocation.command !== 'serve') throw new Error(`not serve but ${JSON.stringify(invocation)}`);
  return invocation;
}
