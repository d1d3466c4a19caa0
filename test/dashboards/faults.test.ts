import { describe, expect, test } from 'vitest';
import { dashboardFiles } from '../../dashboards/dashboards.ts';
import { state } from '../../dashboards/states.ts';
import { annotationsOf, overridesOf, panelsOf, queriesOf } from './panels.ts';

// Faults of earlier dashboards, each as a rule for all panels. They were seen in pictures, although every query
// answered.

/** Width in px in which a legend with the longest names of the demo is not cut. */
function minLegendWidth(targets: readonly { legendFormat?: string }[]): number {
  const legends = targets.map(({ legendFormat = '' }) => legendFormat).join(' ');
  if (legends.includes('{{operation}}')) return 380;
  return legends.includes('{{instance}}') || legends.includes('{{collector}}') ? 245 : 240;
}

type Step = { readonly value: number | null; readonly color: string };

describe.each(dashboardFiles())('the dashboard $file', ({ file, dashboard }) => {
  const panels = panelsOf(dashboard);
  const ofType = (type: string) => panels.filter((panel) => panel.type === type);
  const isBars = ({ fieldConfig }: (typeof panels)[number]) =>
    (fieldConfig?.defaults.custom as { drawStyle?: string } | undefined)?.drawStyle === 'bars';

  test('a unit of dates is only the unit of columns of times, in ms', () => {
    for (const panel of panels) {
      expect([panel.title, panel.fieldConfig?.defaults.unit]).not.toEqual([
        panel.title,
        expect.stringMatching(/^date/),
      ]);
      const dates = overridesOf(panel, 'unit').filter(({ value }) => String(value).startsWith('date'));
      const times = panel.targets.filter(({ expr }) => /\b1000 \*/.test(expr));
      expect([panel.title, dates.length]).toEqual([panel.title, times.length]);
    }
  });

  test('annotations say what happened, with a label', () => {
    for (const { name, titleFormat, textFormat, tagKeys } of dashboard.annotations?.list ?? [])
      for (const text of [titleFormat, textFormat, tagKeys])
        expect([name, text]).toEqual([name, expect.stringMatching(/\S/)]);
  });

  test('no number of streams makes an annotation for each of them', () => {
    for (const { title, expr } of annotationsOf(dashboard)) {
      const ofOneStream = expr.includes('stream="$stream"');
      expect([title, ofOneStream || /^count by \(alertname\)/.test(expr)]).toEqual([title, true]);
      // Bands of alerts that always fire would fill the graph.
      if (!ofOneStream) expect(expr).toContain('offset $__interval');
    }
  });

  test('no value is drawn in the color of a good one', () => {
    for (const panel of panels) {
      const all = [
        panel.fieldConfig?.defaults.thresholds?.steps,
        ...overridesOf(panel, 'thresholds').map(({ value }) => (value as { steps: Step[] }).steps),
      ];
      for (const steps of all.filter((each) => each !== undefined)) {
        expect([panel.title, steps[0]]).toEqual([panel.title, { value: null, color: 'text' }]);
        expect(steps.slice(1).map(({ value }) => value)).toEqual(
          steps
            .slice(1)
            .map(({ value }) => value)
            .toSorted((a, b) => Number(a) - Number(b)),
        );
      }
    }
  });

  test('states are sorted by urgency, and each has its own color', () => {
    expect(state).toEqual({ missing: 4, degraded: 3, interrupted: 2.5, unknown: 2, up: 1, notPushed: 0 });
    const mappings = panels.flatMap((panel) => [
      ...(panel.fieldConfig?.defaults.mappings ?? []),
      ...overridesOf(panel, 'mappings').flatMap(({ value }) => value as object[]),
    ]);
    const ofStates = mappings
      .map((mapping) => (mapping as { options: Record<string, { color: string }> }).options)
      .filter((options) => '4' in options);

    if (!file.includes('exporter')) expect(ofStates.length).toBeGreaterThan(0);
    for (const options of ofStates)
      expect(Object.fromEntries(Object.entries(options).map(([name, { color }]) => [name, color]))).toEqual({
        0: 'text',
        1: 'blue',
        2: 'purple',
        // Interrupted: worse than unknown, and not as bad as degraded.
        2.5: 'dark-yellow',
        3: 'orange',
        4: 'semi-dark-red',
      });
  });

  test('an empty label stays empty in its column, so that links are right', () => {
    for (const panel of ofType('table')) {
      const texts = overridesOf(panel, 'unit').filter(({ value }) => value === 'string');
      const empty = overridesOf(panel, 'noValue').filter(({ value }) => value === '');
      expect([panel.title, texts.length]).toEqual([panel.title, expect.toSatisfy((count) => count > 0)]);
      for (const { matcher } of texts) expect(empty.map((each) => each.matcher)).toContainEqual(matcher);
    }
  });

  test('limits are dashed, by the id of a query of the panel', () => {
    for (const panel of ofType('timeseries')) {
      const ids = panel.targets.map(({ refId }) => refId);
      for (const { matcher, value } of overridesOf(panel, 'custom.lineStyle')) {
        expect(matcher).toEqual({ id: 'byFrameRefID', options: expect.toSatisfy((id) => ids.includes(id)) });
        expect(value).toMatchObject({ fill: 'dash' });
      }
      expect(panel.fieldConfig?.overrides.filter(({ matcher }) => matcher.id === 'byRegexp')).toEqual([]);
    }
    const limits = ofType('timeseries').flatMap((panel) => overridesOf(panel, 'custom.lineStyle'));
    if (!file.includes('fleet')) expect(limits.length).toBeGreaterThan(2);
  });

  test('an event is in one bar only, and zero is drawn as zero', () => {
    const bars = ofType('timeseries').filter(
      (panel) => isBars(panel) && panel.fieldConfig?.defaults.unit !== 'reqps',
    );
    expect(bars.length).toBeGreaterThan(0);
    for (const { title, targets, interval } of bars) {
      expect([title, interval]).toEqual([title, '1m']);
      for (const { expr } of targets) {
        expect(expr).toMatch(/clamp_min\(.* offset \$__interval/);
        expect(expr).not.toMatch(/\b(rate|increase)\(|> 0$/);
      }
    }
  });

  test('a long range hides no dip of a gauge that matters', () => {
    const gauges =
      /(?<!_over_time\()\b(livestream_push_(fps|bitrate_bps|audio_fps|up)|livestream_collector_lag_seconds)\{/;
    const recorded = /(?<!_over_time\(|group\()\bstream:\w+:\w+\{(?![^}]*\} @ end)/;
    const overTime = [...ofType('timeseries'), ...ofType('state-timeline')];
    for (const { title, targets } of overTime)
      for (const { expr } of targets) {
        expect([title, gauges.exec(expr)?.[0]]).toEqual([title, undefined]);
        expect([title, recorded.exec(expr)?.[0]]).toEqual([title, undefined]);
      }
  });

  test('a window of a graph is not shorter than the interval of the rule that it reads', () => {
    const overTime = [...ofType('timeseries'), ...ofType('state-timeline')];
    for (const { title, targets, interval } of overTime) {
      if (targets.some(({ expr }) => expr.includes('stream:livestream_push_state:max')))
        expect([title, interval]).toEqual([title, '15s']);
    }
  });

  test('tables fit into a window of 1,280 px', () => {
    for (const panel of ofType('table')) {
      const widths = ['custom.width', 'custom.minWidth'].flatMap((id) => overridesOf(panel, id));
      const total = widths.map(({ value }) => Number(value)).reduce((a, b) => a + b, 0);
      const place = (1260 * (panel.gridPos?.w ?? 24)) / 24;
      expect([panel.title, total]).toEqual([panel.title, expect.toSatisfy((sum) => sum <= place)]);
      // Without a flexible column, the table would not fill a larger window.
      expect([panel.title, overridesOf(panel, 'custom.minWidth').length > 0]).toEqual([panel.title, true]);
    }
  });

  test('tables are joined by a key: an empty query of a merge would compare every row with every other', () => {
    for (const { title, targets, transformations = [] } of ofType('table')) {
      const ids = transformations.map(({ id }) => id);
      expect([title, ids]).not.toEqual([title, expect.arrayContaining(['merge'])]);
      if (targets.length === 1) {
        // An empty answer has no labels to group by, so that it leaves no lone title of a column.
        expect([title, ids]).toEqual([
          title,
          expect.toSatisfy((list) =>
            ['groupBy,organize', 'groupingToMatrix,organize'].includes(String(list)),
          ),
        ]);
        continue;
      }
      // The rows of the fleet have a query of their own; a row that only others have, such as an old alert, has no name.
      const isFleet = title === 'Streams, worst first' || title === '流列表（问题最严重的在前）';
      expect([title, ids]).toEqual([
        title,
        ['joinByField', ...(isFleet ? ['filterByValue'] : []), 'organize'],
      ]);
      for (const { expr } of targets) expect(expr).toContain('label_join(');
    }
  });

  test('a legend shows all rows that fit, the largest first', () => {
    for (const { title, options, targets } of ofType('timeseries').filter((panel) => !isBars(panel))) {
      // The values of the label state are known.
      const isOpen = targets.some(({ legendFormat = '' }) =>
        legendFormat.replace('{{state}}', '').includes('{{'),
      );
      expect([title, options]).toMatchObject([
        title,
        {
          legend: isOpen
            ? {
                placement: 'right',
                displayMode: 'table',
                sortBy: 'Max',
                sortDesc: true,
                width: expect.toSatisfy((width) => width >= minLegendWidth(targets)),
              }
            : { placement: 'bottom', displayMode: 'list' },
        },
      ]);
      if (!isOpen) expect(targets.length).toBeLessThanOrEqual(5);
    }
  });
});

test.each([
  ['zh', '帧/秒', ['帧率低', '无画面', '码率低', '画面卡顿', '音频', '视频']],
  ['en', 'frames/s', ['low frame rate', 'no video', 'low bit rate', 'video stall', 'audio', 'video']],
])('conditions and axes of a stream are in the language of the dashboard: %s', (language, unit, names) => {
  const [found] = dashboardFiles().filter(
    (each) => each.file.includes('-stream') && each.language === language,
  );
  const panels = found === undefined ? [] : panelsOf(found.dashboard);
  const conditions = panels.find(({ id }) => id === 203);
  const axes = panels.flatMap(
    ({ fieldConfig }) => (fieldConfig?.defaults.custom as { axisLabel?: string })?.axisLabel ?? [],
  );

  expect(conditions && overridesOf(conditions, 'displayName').map(({ value }) => value)).toEqual(names);
  expect(axes).toEqual([unit, unit, unit]);
});

test('the numbers of the fleet count each stream once: all read the recorded state, each another one', () => {
  for (const { file, dashboard } of dashboardFiles().filter((each) => each.file.includes('fleet'))) {
    const counted = panelsOf(dashboard)
      .find(({ id }) => id === 101)
      ?.targets.map(({ expr }) => {
        return /^count\(\(\(stream:livestream_push_(?:trouble|state):max\{[^}]*\} == ([\d.]+)\)/.exec(
          expr,
        )?.[1];
      });

    expect([file, counted]).toEqual([file, ['4', '3', '2.5', '2', '1']]);
  }
});

test('a refresh of the fleet reads one series per stream few times, because that is what it costs', () => {
  // Series that only some streams have, or that are not of a stream.
  const few =
    /^(ALERTS|stream:livestream_push_(trouble|trouble_since|missing|bad_seconds)|domain:|livestream_(?:control|exporter|api|collector)_)|!~"\$|__name__=~"\$by"/;
  for (const { file, dashboard } of dashboardFiles().filter((each) => each.file.includes('fleet'))) {
    const selectors = queriesOf(dashboard).flatMap(({ expr }) => expr.match(/[\w:]*(?<!\$)\{[^}]+\}/g) ?? []);
    const all = selectors.filter((selector) => !few.test(selector));

    expect(all.length).toBeGreaterThan(10);
    // With 2,000 streams, each takes Prometheus about 20 ms.
    expect([file, all]).toEqual([file, expect.toSatisfy((list: readonly string[]) => list.length <= 17)]);
  }
});

test('bad time is a total, apart from the begin, so that it does not look like the time since then', () => {
  const tables = dashboardFiles()
    .flatMap(({ dashboard }) => panelsOf(dashboard))
    .filter(({ id, type }) => type === 'table' && id === 202);
  const titles = tables.map((table) =>
    overridesOf(table, 'custom.width').map(({ matcher }) => String(matcher.options)),
  );

  expect(titles).toHaveLength(2);
  for (const list of titles) {
    const since = list.findIndex((title) => ['Since', '开始时间'].includes(title));
    const bad = list.findIndex((title) => ['Bad in total', '异常时长合计'].includes(title));
    expect(since).toBeGreaterThan(0);
    expect(bad).toBeGreaterThan(since + 1);
  }
});

test('the columns of times and severities have room for their text and the symbol of the filter', () => {
  const tables = dashboardFiles()
    .flatMap(({ dashboard }) => panelsOf(dashboard))
    .filter((panel) => {
      const columns = overridesOf(panel, 'custom.width').map(({ matcher }) => String(matcher.options));
      return panel.type === 'table' && ['Severity', '级别'].some((title) => columns.includes(title));
    });

  expect(tables).toHaveLength(6);
  for (const table of tables) {
    const widths = new Map(
      overridesOf(table, 'custom.width').map(({ matcher, value }) => [
        String(matcher.options),
        Number(value),
      ]),
    );
    for (const [title, width] of [
      ['Alert began', 160],
      ['告警开始时间', 160],
      ['Severity', 95],
      ['级别', 95],
    ] as const)
      if (widths.has(title)) expect([title, widths.get(title)]).toEqual([title, width]);
  }
});

test('lanes that only exist or not show no number', () => {
  const timelines = dashboardFiles()
    .flatMap(({ dashboard }) => panelsOf(dashboard))
    .filter(({ type }) => type === 'state-timeline');

  for (const { id, options } of timelines)
    expect([id, options]).toMatchObject([id, { showValue: id === 303 ? 'never' : 'auto' }]);
});

test('a share of zero and a lag of zero look neither good nor large', () => {
  const of = (file: string, panel: number) =>
    dashboardFiles()
      .filter((each) => each.file === file)
      .flatMap(({ dashboard }) => panelsOf(dashboard))
      .find(({ id }) => id === panel)?.fieldConfig?.defaults;

  // A small share is not good: bad samples of the newest minutes count less.
  expect(of('livestream-fleet.json', 107)?.thresholds?.steps.map(({ color }) => color)).toEqual([
    'text',
    'orange',
    'semi-dark-red',
  ]);
  // Without it, the axis of a line at zero would end at 1.67 mins.
  expect(of('livestream-exporter.json', 304)?.custom).toMatchObject({ axisSoftMax: 30 });
});

test('the threshold of the budget is where the rate limiter is full', () => {
  const [exporter] = dashboardFiles().filter(({ file }) => file === 'livestream-exporter.json');
  const budget = exporter && panelsOf(exporter.dashboard).find(({ title }) => title === 'Budget usage');

  // The rate limiter spaces tokens a tenth wider than the rate, see src/calls/rate-limit.ts.
  expect(budget?.targets.map(({ expr }) => expr).at(-1)).toContain('1 / 1.1');
});
