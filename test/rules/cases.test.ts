import { expect, test } from 'vitest';
import { toRuleFile } from '../../src/alerting/rule-file.ts';
import { createRules, type RulesOptions } from '../../src/alerting/rules.ts';
import { postedAlertNames } from '../../src/model/stream-alert.ts';
import { describeWithTool } from '../support/tools.ts';
import { exporterCases } from './exporter-cases.ts';
import { longCases } from './long-cases.ts';
import { presenceCases } from './presence-cases.ts';
import { type RuleCase, runCases } from './promtool.ts';
import { publisherCases } from './publisher-cases.ts';
import { qualityCases } from './quality-cases.ts';
import {
  rarePollCases,
  slowestScrapeCases,
  slowPollCases,
  slowScrapeCases,
  unknownAccountCases,
} from './slow-cases.ts';

const options: RulesOptions = {
  scrapeMs: 5_000,
  job: 'livestream-exporter',
  labels: ['team'],
  objective: 0.99,
  paces: [{ account: 'a', intervalMs: 5_000, staleAfterMs: 30_000 }],
};
const file = (changed: Partial<RulesOptions> = {}) =>
  toRuleFile(createRules({ ...options, ...changed }), { language: 'en', runbookBase: undefined, header: '' });

test('with slow polls, alerts that also fire by the newest value describe no share of a window', () => {
  const paces = [{ account: 'a', intervalMs: 275_000, staleAfterMs: 30_000 }];
  const alerts = createRules({ ...options, paces })
    .flatMap(({ rules }) => rules)
    .filter(
      (rule) => 'alert' in rule && ['LivestreamPushFpsLow', 'LivestreamPushBitrateLow'].includes(rule.alert),
    );

  expect(alerts).toHaveLength(2);
  // The value is 1 if the newest frame rate or bit rate is too low.
  expect(JSON.stringify(alerts)).not.toContain('$value');
});

test('a label of the config that is named reason does not replace the reason of an end', () => {
  const rules = createRules({ ...options, labels: ['reason', 'team'] }).flatMap((group) => group.rules);
  const exprOf = (name: string) => rules.find((rule) => 'alert' in rule && rule.alert === name)?.expr;

  expect(exprOf('LivestreamPushMissing')).toContain('group_left (reason, team)');
  expect(exprOf('LivestreamPushEndedAbnormally')).toContain('group_left (team)');
});

describeWithTool('promtool', 'the alerts', () => {
  test.each([...qualityCases, ...presenceCases, ...publisherCases, ...exporterCases, ...longCases])(
    '$name',
    (one: RuleCase) => {
      expect(() => runCases(file(), [one])).not.toThrow();
    },
  );

  test.each([...qualityCases, ...presenceCases])(
    'without the alerts that the exporter posts: $name',
    (one: RuleCase) => {
      const isOther = (alert: string) => !postedAlertNames.some((name) => alert.split(' ')[0] === name);
      const firing = Object.entries(one.firing).map(([time, alerts]) => [time, alerts.filter(isOther)]);
      const others = { ...one, firing: Object.fromEntries(firing) };
      expect(() => runCases(file({ isPosting: true }), [others])).not.toThrow();
    },
  );

  test.each(slowPollCases)('with slow polls: $name', (one: RuleCase) => {
    const paces = [{ account: 'a', intervalMs: 275_000, staleAfterMs: 30_000 }];
    expect(() => runCases(file({ paces }), [one])).not.toThrow();
  });

  test.each(rarePollCases)('with a poll every 19 minutes: $name', (one: RuleCase) => {
    const paces = [{ account: 'a', intervalMs: 1_100_000, staleAfterMs: 30_000 }];
    expect(() => runCases(file({ paces }), [one])).not.toThrow();
  });

  test.each(unknownAccountCases)('beside slow polls of another account: $name', (one: RuleCase) => {
    const paces = [
      { account: 'fast', intervalMs: 5_000, staleAfterMs: 30_000 },
      { account: 'slow', intervalMs: 275_000, staleAfterMs: 30_000 },
    ];
    expect(() => runCases(file({ paces }), [one])).not.toThrow();
  });

  test.each(slowScrapeCases)('at a scrape interval of 1m: $name', (one: RuleCase) => {
    expect(() => runCases(file({ scrapeMs: 60_000 }), [one])).not.toThrow();
  });

  test.each(slowestScrapeCases)('at a scrape interval of 2m: $name', (one: RuleCase) => {
    expect(() => runCases(file({ scrapeMs: 120_000 }), [one])).not.toThrow();
  });
});
