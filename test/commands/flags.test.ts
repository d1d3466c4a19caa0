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

test('runs the daemon with default flags without arguments', () => {
  const expected = { command: 'serve', configFile: 'livestream-exporter.yaml', flags: defaults };

  expect(parseInvocation([])).toEqual(expected);
  expect(parseInvocation(['serve'])).toEqual(expected);
});

test('accepts --flag=value, --flag value, and repeated addresses', () => {
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

test('makes the demo listen on loopback by default', () => {
  expect(parseInvocation(['demo'])).toMatchObject({
    command: 'demo',
    scenarioFile: undefined,
    flags: { listenAddresses: ['127.0.0.1:10935'] },
  });
});

test('gives help and version precedence over all other arguments', () => {
  expect(parseInvocation(['serve', '--nonsense', '--help'])).toEqual({ command: 'help' });
  expect(parseInvocation(['--version'])).toEqual({ command: 'version' });
});

test('explains an invalid command line', () => {
  const problemOf = (...argv: string[]) => {
    const invocation = parseInvocation(argv);
    return invocation.command === 'unusable' ? invocation.problem : undefined;
  };

  expect(problemOf('serv')).toBe(
    'unknown command "serv"; did you mean "serve"? (commands: serve, demo, simulate, check-config, plan, config-schema)',
  );
  expect(problemOf('--config.fil=a.yaml')).toBe('unknown flag --config.fil; did you mean "--config.file"?');
  expect(problemOf('-config.file=a.yaml')).toBe(
    'flags start with two hyphens: --config.file, not -config.file',
  );
  expect(problemOf('-config.fil', 'a.yaml')).toBe('unknown flag -config.fil; did you mean "--config.file"?');
  expect(problemOf('-x')).toBe('unknown flag -x');
  expect(problemOf('plan', 'a.yaml', '--config.file=a.yaml')).toBe('unknown flag --config.file');
  expect(problemOf('--storage.path')).toBe("Option '--storage.path <value>' argument missing");
  expect(problemOf('--log.level=loud')).toBe('--log.level: expected debug, info, warn, error, got "loud"');
  expect(problemOf('--storage.lock-timeout=soon')).toBe(
    '--storage.lock-timeout: expected a duration such as 30s, got "soon"',
  );
  expect(problemOf('serve', 'extra')).toBe('serve takes no positional arguments, got "extra"');
  expect(problemOf('check-config')).toBe('check-config requires a FILE');
  expect(problemOf('check-config', 'a', 'b')).toBe('check-config takes one FILE, got "a b"');
  expect(problemOf('simulate')).toBe('simulate requires --scenario=FILE');
});

test('shows the default listen address of the demo in the usage', () => {
  expect(usage).toMatch(/ demo .*\n(.*\n)?.*--web\.listen-address=127\.0\.0\.1:10935/);
});

test('lists every flag of the daemon in the usage', () => {
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
